/** The managed identity. */
import { describe, expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { useWorld } from '../world.ts'
import { describeDrift } from './cases.ts'
import { ALL_LEFT, ALL_REMOVED, summaryOf } from './words.ts'

const world = useWorld()
const left = (): { credentials: unknown[] }[] =>
  (world.twin.state() as { azure: { identities: { credentials: unknown[] }[] } }).azure.identities

describeDrift({ world, resource: 'identity' }, [['identity-deleted', /managed identity/]])

describe('remove leaves, and says why,', () => {
  test('the identity, its member and its rights while another cluster uses it', async () => {
    await world.applied()
    world.twin.defect('identity-shared')
    const report = await world.remove()
    expect(wordsOf(report)).toEqual({
      ...ALL_REMOVED,
      identity: 'skipped',
      entitlement: 'skipped',
      permission: 'skipped'
    })
    expect(summaryOf(report, 'identity')).toContain('other federated credentials: another-cluster')
    expect(report.verdict.summary).toContain('Kept, for the reasons given: identity, entitlement, permission')
    expect(left()[0]?.credentials).toHaveLength(1)
  })

  test('an identity that Patless did not make, and all that carries no mark but hangs on it', async () => {
    await world.applied()
    world.twin.defect('identity-untagged')
    world.twin.journal.clear()
    const report = await world.remove()
    expect(wordsOf(report)).toEqual({ ...ALL_LEFT, connection: 'removed' })
    for (const hop of ['identity', 'federated-credential', 'entitlement', 'permission', 'workload'])
      expect(summaryOf(report, hop)).toContain('no tag managed-by: patless')
    expect(world.writes()).toEqual([expect.stringMatching(/^kubernetes DELETE .*\/secrets\/repo-\d+$/)])
  })

  test('the identity when its federated credentials could not be read', async () => {
    await world.applied()
    world.twin.defect('issuer-disabled')
    const report = await world.remove()
    expect(wordsOf(report)).toMatchObject({
      identity: 'skipped',
      entitlement: 'skipped',
      connection: 'removed'
    })
    expect(summaryOf(report, 'identity')).toContain('could not be read')
  })
})
