/** remove beside answers that are older than the state, or do not come: nothing is left, and nothing called gone. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { needsAction } from '../../src/report/findings.ts'
import { useWorld } from '../world.ts'
import { DEPLOYMENTS, inCluster, leftOf, SECRETS } from './left.ts'
import { ALL_REMOVED } from './words.ts'

const world = useWorld()
let untouched: number
beforeAll(() => {
  untouched = world.twin.kubernetes.store.list(SECRETS, 'argocd').length
})

describe('remove', () => {
  test.each([
    ['the member', 'graph', 'serviceprincipals'],
    ['the identity', 'arm', 'userAssignedIdentities/[^/?]+'],
    ['its credential', 'arm', 'federatedIdentityCredentials'],
    ['the Secret', 'kubernetes', '/secrets']
  ] as const)('does not believe an older state, in which %s was not there', async (_what, service, path) => {
    for (const times of [1, 3]) {
      world.twin.reset()
      await world.apply({ verification: 'none' })
      world.twin.journal.order({ service, method: 'GET', path: `${path}(\\?|$)`, kind: 'stale', times })
      const report = await world.remove()
      expect(world.twin.journal.hits).toBeGreaterThan(0)
      expect(report.verdict.exitCode).toBe(0)
      expect(report.findings.filter(needsAction)).toEqual([])
      expect(leftOf(world).identities).toEqual([])
      expect(leftOf(world).members).toHaveLength(1)
      expect(world.twin.kubernetes.store.list(SECRETS, 'argocd')).toHaveLength(untouched)
      expect(JSON.stringify(inCluster(world, DEPLOYMENTS, 'argocd-repo-server'))).not.toContain(
        'azure.workload'
      )
    }
  })

  test.each([
    [1, 'Removed: ', 0],
    [3, 'graph/serviceprincipals', 1]
  ])('does not call gone what it could not read, %d times', async (times, text, exitCode) => {
    await world.applied()
    world.twin.journal.order({ service: 'graph', path: 'serviceprincipals', kind: '409', nth: 3, times })
    const report = await world.remove()
    expect(report.verdict.exitCode).toBe(exitCode)
    expect(JSON.stringify([report.verdict, report.findings])).toContain(text)
    expect(wordsOf(report)).toEqual({ ...ALL_REMOVED, identity: exitCode === 0 ? 'removed' : 'skipped' })
    expect((await world.remove()).verdict.exitCode).toBe(0)
    expect(leftOf(world).identities).toEqual([])
  })
})
