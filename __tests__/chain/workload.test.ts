/** The workload: the pods of the repo-server, and whose identity they have. */
import { describe, expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { useWorld } from '../world.ts'
import { describeBlocks, describeBroken, describeDrift } from './cases.ts'

const PODS = kindOf('', 'pods') as Kind
const world = useWorld()
const workload = { world, resource: 'workload' } as const

describeDrift(workload, [['annotation-removed', /annotation .*client-id/]])
describeBlocks(workload, [['service-account-missing', /does not exist/, /create serviceaccount/]])
describeBroken({ world, place: 'workload' }, [['env-set-by-hand', /set by hand/]])

test('annotates before it labels: the webhook looks at a pod once', async () => {
  await world.apply({ verification: 'none' })
  const writes = world.writes()
  const at = (part: string): number => writes.findIndex((one) => one.includes(part))
  expect(at('serviceaccounts/argocd-repo-server')).toBeLessThan(at('deployments/argocd-repo-server'))
})

describe('the webhook', () => {
  test('a webhook that is down: the rollout says so', async () => {
    world.twin.defect('webhook-down')
    const report = await world.apply()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.find(({ resource }) => resource === 'workload')?.summary).toMatch(
      /failed calling webhook/
    )
    expect(wordsOf(report).connection).toBe('skipped')
  })

  test('a webhook that is not there: the pods are looked at, and never verified', async () => {
    world.twin.defect('webhook-absent')
    const report = await world.apply()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.find(({ resource }) => resource === 'workload')?.summary).toMatch(
      /no workload identity webhook/
    )
    expect(report.outputs.verification).toBe('failed')
  })
})

// Its webhook sends them to a login that knows no identity of ours.
test('pods of a cluster in another cloud: the variable, what it should be, and the command; apply does not restart pods for it', async () => {
  await world.applied()
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
