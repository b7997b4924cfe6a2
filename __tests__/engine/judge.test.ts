/** What a run comes to, by the words of its hops and its proofs. */
import { describe, expect, test } from '@jest/globals'
import { outcomeOf } from '../../src/engine/judge.ts'
import type { ResourceKind } from '../../src/core/finding-titles.ts'
import type { ResourceOutcome, Outcome, VerificationOutcome, Result } from '../../src/engine/outcome.ts'
import { BY_HAND, type ValueGraph } from './values.ts'

const hop = (result: Result, name: ResourceKind = 'identity'): ResourceOutcome => ({
  resource: name,
  result,
  differences: [],
  findings: [],
  start: 0,
  end: 1
})
const proof = (
  verification: VerificationOutcome['result'],
  reason: string,
  start = 1
): VerificationOutcome => ({
  result: verification,
  reason,
  commits: { url: reason },
  start,
  end: start + 1
})

const outcome = (
  results: readonly Result[],
  proofs: Outcome['verifications'] = {},
  mode: Outcome['mode'] = 'apply'
): Promise<Outcome> => {
  const hops = results.map((result) => hop(result))
  const run = {
    resources: hops,
    outputs: { clientId: 'c' },
    verifications: () => Promise.resolve(proofs)
  }
  return outcomeOf(mode, run as unknown as ValueGraph, [])
}

test('it carries what the run found', async () => {
  const problems = [BY_HAND]
  const run = {
    resources: [hop('unchanged')],
    outputs: { clientId: 'c' },
    verifications: () => Promise.resolve({})
  }
  expect(await outcomeOf('check', run as unknown as ValueGraph, problems)).toEqual({
    mode: 'check',
    resources: [hop('unchanged')],
    outputs: { clientId: 'c' },
    changed: false,
    drift: false,
    problems,
    verifications: {},
    verification: { result: 'skipped', reason: 'verification is none', commits: {}, start: 0, end: 0 }
  })
  const others = [hop('removed')]
  expect(await outcomeOf('remove', run as unknown as ValueGraph, [], others)).toMatchObject({
    resources: others,
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

  test.each<[string, Outcome['verifications'], Partial<VerificationOutcome>]>([
    ['the access alone', { access }, access],
    [
      'a failed access, whatever Argo CD says',
      { access: proof('failed', 'no'), argocd: proof('verified', 'yes') },
      proof('failed', 'no')
    ],
    [
      'both',
      { access, argocd: proof('verified', 'refreshed', 5) },
      { result: 'verified', reason: 'read; refreshed', start: 3, end: 6, commits: { url: 'refreshed' } }
    ],
    [
      'Argo CD not asked again',
      { access, argocd: proof('skipped', 'nothing has changed', 5) },
      {
        result: 'verified',
        reason: 'read; nothing has changed',
        start: 3,
        end: 4,
        commits: { url: 'read' }
      }
    ],
    [
      'Argo CD cannot',
      { access, argocd: proof('failed', 'x509', 5) },
      { result: 'failed', reason: 'x509', start: 3, end: 6 }
    ],
    [
      'Argo CD may not be asked',
      { access, argocd: proof('inconclusive', 'no right', 5) },
      { result: 'inconclusive', start: 3 }
    ]
  ])('%s', async (_what, proofs, expected) => {
    const { verification: together, verifications: apart } = await outcome(['unchanged'], proofs)
    expect(together).toMatchObject(expected)
    expect(apart).toEqual(proofs)
  })
})

describe('never green while broken:', () => {
  const proofs = { access: proof('verified', 'read') }

  test.each<Result>(['unchanged', 'created', 'updated'])('%s stays verified', async (result) => {
    expect((await outcome([result], proofs)).verification).toEqual(proofs.access)
  })

  test.each<Result>(['drifted', 'missing', 'unknown', 'failed', 'skipped'])(
    'access works, but a hop is %s',
    async (result) => {
      expect((await outcome(['unchanged', result], proofs)).verification).toEqual({
        ...proofs.access,
        result: 'failed',
        reason: `the access itself works, but identity is ${result}`
      })
    }
  )

  test('a pending proof over a broken hop has failed, too; one that failed keeps its reason', async () => {
    const pending = { access: proof('inconclusive', 'no right') }
    expect((await outcome(['failed'], pending)).verification.result).toBe('failed')
    expect((await outcome(['unchanged'], pending)).verification).toEqual(pending.access)
    const failed = { access: proof('failed', 'no refs') }
    expect((await outcome(['failed'], failed)).verification).toEqual(failed.access)
  })

  test('a dry run only shows', async () => {
    expect((await outcome(['drifted'], proofs, 'dry-run')).verification).toEqual(proofs.access)
  })
})
