/** What a run comes to, by the words of its hops and its proofs. */
import { describe, expect, test } from '@jest/globals'
import { outcomeOf } from '../../src/engine/judged.ts'
import type { HopName, HopOutcome, Outcome, ProofOutcome, Result } from '../../src/engine/outcome.ts'
import type { Graph } from '../../src/engine/graph.ts'

const hop = (result: Result, name: HopName = 'identity'): HopOutcome => ({
  hop: name,
  result,
  changes: [],
  notes: [],
  start: 0,
  end: 1
})
const proof = (verification: ProofOutcome['verification'], reason: string, start = 1): ProofOutcome => ({
  verification,
  reason,
  commits: { url: reason },
  start,
  end: start + 1
})

const outcome = (
  results: readonly Result[],
  proofs: Outcome['proofs'] = {},
  mode: Outcome['mode'] = 'apply'
): Promise<Outcome> => {
  const hops = results.map((result) => hop(result))
  const run = { hops, facts: { clientId: 'c' }, proofs: () => Promise.resolve(proofs) }
  return outcomeOf(mode, run as unknown as Graph<unknown>, [])
}

test('it carries what the run found', async () => {
  const problems = [{ what: 'a right is missing', remedy: 'grant it' }]
  const run = { hops: [hop('unchanged')], facts: { clientId: 'c' }, proofs: () => Promise.resolve({}) }
  expect(await outcomeOf('check', run as unknown as Graph<unknown>, problems)).toEqual({
    mode: 'check',
    hops: [hop('unchanged')],
    facts: { clientId: 'c' },
    changed: false,
    drift: false,
    problems,
    proofs: {},
    proof: { verification: 'skipped', reason: 'verification is none', commits: {}, start: 0, end: 0 }
  })
  const others = [hop('removed')]
  expect(await outcomeOf('remove', run as unknown as Graph<unknown>, [], others)).toMatchObject({
    hops: others,
    changed: true
  })
})

test.each<[Result, boolean, boolean]>([
  ['unchanged', false, false],
  ['created', true, false],
  ['updated', true, false],
  ['removed', true, false],
  ['drifted', false, true],
  ['missing', false, true],
  ['unknown', false, true],
  ['failed', false, false],
  ['skipped', false, false]
])('one %s hop among others: changed %s, drift %s', async (result, changed, drift) => {
  expect(await outcome(['unchanged', result])).toMatchObject({ changed, drift })
})

describe('all proofs together', () => {
  const access = proof('verified', 'read', 3)

  test.each<[string, Outcome['proofs'], Partial<ProofOutcome>]>([
    ['the access alone', { access }, access],
    [
      'a failed access, whatever Argo CD says',
      { access: proof('failed', 'no'), argocd: proof('verified', 'yes') },
      proof('failed', 'no')
    ],
    [
      'both',
      { access, argocd: proof('verified', 'refreshed', 5) },
      { verification: 'verified', reason: 'read; refreshed', start: 3, end: 6, commits: { url: 'refreshed' } }
    ],
    [
      'Argo CD not asked again',
      { access, argocd: proof('skipped', 'nothing has changed', 5) },
      {
        verification: 'verified',
        reason: 'read; nothing has changed',
        start: 3,
        end: 4,
        commits: { url: 'read' }
      }
    ],
    [
      'Argo CD cannot',
      { access, argocd: proof('failed', 'x509', 5) },
      { verification: 'failed', reason: 'x509', start: 3, end: 6 }
    ],
    [
      'Argo CD may not be asked',
      { access, argocd: proof('inconclusive', 'no right', 5) },
      { verification: 'inconclusive', start: 3 }
    ]
  ])('%s', async (_what, proofs, expected) => {
    const { proof: together, proofs: apart } = await outcome(['unchanged'], proofs)
    expect(together).toMatchObject(expected)
    expect(apart).toEqual(proofs)
  })
})

describe('never green while broken:', () => {
  const proofs = { access: proof('verified', 'read') }

  test.each<Result>(['unchanged', 'created', 'updated'])('%s stays verified', async (result) => {
    expect((await outcome([result], proofs)).proof).toEqual(proofs.access)
  })

  test.each<Result>(['drifted', 'missing', 'unknown', 'failed', 'skipped'])(
    'access works, but a hop is %s',
    async (result) => {
      expect((await outcome(['unchanged', result], proofs)).proof).toEqual({
        ...proofs.access,
        verification: 'failed',
        reason: `the access itself works, but identity is ${result}`
      })
    }
  )

  test('an inconclusive proof over a broken hop has failed, too; one that failed keeps its reason', async () => {
    const unclear = { access: proof('inconclusive', 'no right') }
    expect((await outcome(['failed'], unclear)).proof.verification).toBe('failed')
    expect((await outcome(['unchanged'], unclear)).proof).toEqual(unclear.access)
    const failed = { access: proof('failed', 'no refs') }
    expect((await outcome(['failed'], failed)).proof).toEqual(failed.access)
  })

  test('a dry run only shows', async () => {
    expect((await outcome(['drifted'], proofs, 'dry-run')).proof).toEqual(proofs.access)
  })
})
