/** Pods of a cluster in another cloud: its webhook sends them to a login that knows no identity of ours. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'

const PODS = kindOf('', 'pods') as Kind
let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest()
})
afterAll(() => world.twin.close())

test('the variable, what it should be, and the command; apply does not restart pods for it', async () => {
  await world.apply({ verification: 'none' })
  const { store } = world.twin.kubernetes
  const text = JSON.stringify(store.list(PODS, 'argocd'))
  expect(text).toContain(`${world.twin.azure.urls.entra}/`)
  for (const pod of store.list(PODS, 'argocd')) {
    const moved = JSON.stringify(pod).replaceAll(
      `${world.twin.azure.urls.entra}/`,
      'https://login.microsoftonline.us/'
    )
    store.update(PODS, pod, JSON.parse(moved) as typeof pod)
  }
  const report = await world.check({ verification: 'none' })
  const workload = report.resources.find(({ resource }) => resource === 'workload')
  expect(workload?.result).toBe('drifted')
  expect(workload?.differences).toEqual([
    expect.objectContaining({
      field: expect.stringMatching(/^pod argocd-repo-server-\S+ AZURE_AUTHORITY_HOST$/) as unknown,
      actual: 'https://login.microsoftonline.us/'
    })
  ])
  expect(JSON.stringify(report.findings)).toContain(
    'set env deploy/argocd-repo-server -c argocd-repo-server AZURE_AUTHORITY_HOST='
  )
})
