/** What the verification of access asks early is used only when it turns out to be right. */
import { expect, test } from '@jest/globals'
import { accountTrusted, exchangeEarly } from '../../../src/chain/verifications/early.ts'
import type { Node } from '../../../src/engine/node.ts'
import type { Result } from '../../../src/engine/outcome.ts'
import { useWorld } from '../../world.ts'

const world = useWorld()
const ISSUER = 'https://issuer/'
const credential = (subject: string, issuer = ISSUER) => ({ name: subject, issuer, subject })
const OWN = credential('system:serviceaccount:argocd:argocd-repo-server')

test.each([
  [
    'the only one of this cluster',
    [OWN, credential('system:serviceaccount:a:b', 'https://other/')],
    undefined,
    'argocd'
  ],
  [
    'the only one, beside one without a subject',
    [OWN, { name: 'flexible', issuer: ISSUER }],
    undefined,
    'argocd'
  ],
  ['the only one, in the namespace that was given', [OWN], 'argocd', 'argocd'],
  ['none in another namespace', [OWN], 'gitops', undefined],
  [
    'none of several',
    [OWN, credential('system:serviceaccount:gitops:argocd-repo-server')],
    undefined,
    undefined
  ],
  ['none of a pipeline', [credential('repo:contoso/shop:ref:refs/heads/main')], undefined, undefined],
  [
    'none of a subject with more parts',
    [credential('system:serviceaccount:argocd:a:b')],
    undefined,
    undefined
  ],
  ['none without credentials', [], undefined, undefined]
])('the likely account: %s', (_name, credentials, namespace, expected) => {
  expect(accountTrusted(credentials, ISSUER, namespace)?.namespace).toBe(expected)
})

test('without an issuer no account is likely', () => {
  expect(accountTrusted([OWN], undefined, undefined)).toBeUndefined()
})

const node = (result: Result): Node => ({
  name: 'identity',
  result: Promise.resolve(result),
  output: Promise.resolve(undefined),
  available: Promise.resolve(),
  dependsOn: []
})
const ASKER = { clientId: 'id', tenantId: 'tenant' }
const early = (result: Result, exchange: () => Promise<string>) =>
  exchangeEarly([node(result)], () => Promise.resolve(ASKER), exchange)

test('a token is given once, and only to who it was asked for', async () => {
  const take = early('unchanged', () => Promise.resolve('token'))
  expect(await take(ASKER)).toBe('token')
  expect(await take(ASKER)).toBeUndefined()
  const other = early('unchanged', () => Promise.resolve('token'))
  expect(await other({ ...ASKER, clientId: 'other' })).toBeUndefined()
})

test('a failure is that of the first attempt', async () => {
  const take = early('unchanged', () => Promise.reject(new Error('AADSTS700016')))
  await expect(take(ASKER)).rejects.toThrow('AADSTS700016')
  expect(await take(ASKER)).toBeUndefined()
})

test.each<Result>(['missing', 'drifted', 'failed', 'unknown'])(
  'nothing is exchanged for an identity that is %s',
  async (result) => {
    let asked = false
    const take = early(result, () => {
      asked = true
      return Promise.resolve('token')
    })
    expect(await take(ASKER)).toBeUndefined()
    expect(asked).toBe(false)
  }
)

test('an account that the identity trusts, but Argo CD does not use, gets nowhere', async () => {
  await world.apply()
  world.twin.defect('credential-subject')
  world.twin.journal.clear()
  const report = await world.check()
  expect(report.outputs).toMatchObject({ drift: 'true' })
  const of = (pattern: RegExp) => world.twin.journal.entries.filter(({ path }) => pattern.test(path))
  expect(of(/namespaces\/default\/serviceaccounts\/argocd-repo-server\/token/)).toHaveLength(1)
  expect(of(/git-upload-pack/)).toEqual([])
})

test('a login that may not ask for the token of that account is none the worse', async () => {
  await world.apply()
  world.twin.journal.forge({
    method: 'POST',
    path: '/serviceaccounts/argocd-repo-server/token',
    times: 1,
    forge: () => ({ status: 404, body: { kind: 'Status', code: 404, reason: 'NotFound', message: 'no' } })
  })
  expect((await world.check()).outputs.verification).toBe('verified')
})
