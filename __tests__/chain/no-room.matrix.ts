/** What the cluster refuses is reported with its reason as soon as that is known, and is not taken for a missing right. */
import { expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { needsAction } from '../../src/report/findings.ts'
import { useWorld } from '../world.ts'

const NAMESPACES = kindOf('', 'namespaces') as Kind
const SECRETS = kindOf('', 'secrets') as Kind

const world = useWorld()

test.each([
  ['quota-of-pods', /exceeded quota: team/, 'workload/rollout-stuck'],
  ['deployment-paused', /is paused/, 'workload/rollout-paused']
])('%s: the reason within seconds, though the controller goes on trying', async (defect, why, id) => {
  world.twin.defect(defect)
  const began = Date.now()
  const report = await world.apply()
  expect(Date.now() - began).toBeLessThan(15_000)
  expect(report.findings.find(({ resource }) => resource === 'workload')).toMatchObject({
    id,
    summary: expect.stringMatching(why) as unknown as string
  })
  expect(wordsOf(report).connection).toBe('skipped')
})

test('a refusal that is over in a moment is waited out', async () => {
  world.twin.defect('quota-of-pods')
  const over = setTimeout(() => {
    const { store } = world.twin.kubernetes
    const before = store.get(NAMESPACES, undefined, 'argocd')
    store.update(NAMESPACES, before, { ...before, metadata: { ...before.metadata, annotations: {} } })
  }, 3_000)
  const report = await world.apply({ verification: 'none' })
  clearTimeout(over)
  expect(wordsOf(report)).toMatchObject({ workload: 'created', connection: 'created' })
})

test.each([
  ['namespace-terminating', 'connection', 'kubernetes/namespace-terminating', 'failed'],
  ['quota-of-secrets', 'connection', 'kubernetes/quota', 'failed'],
  ['quota-of-applications', 'argocd', 'kubernetes/quota', 'inconclusive']
])('%s is no missing right', async (defect, at, id, result) => {
  // With pods that are in order already: these would be refused first.
  await world.applied()
  const { store } = world.twin.kubernetes
  for (const { metadata } of store.list(SECRETS, 'argocd'))
    if (metadata.name.startsWith('repo-')) store.remove(SECRETS, 'argocd', metadata.name)
  world.twin.defect(defect)
  const report = await world.apply()
  const found = report.findings.filter(needsAction)
  expect(found.map((one) => one.resource ?? one.verification)).toContain(at)
  expect(found.map((one) => one.id)).toContain(id)
  expect(found.map((one) => one.id)).not.toContain('kubernetes/right-missing')
  expect(found.map((one) => one.id)).not.toContain('verification/may-not-probe')
  expect(report.outputs.verification).toBe(result)
})
