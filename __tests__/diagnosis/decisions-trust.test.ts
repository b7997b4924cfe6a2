/** Where a rule about federated credentials and clocks ends: the case beside its examples that another rule, or none, has to explain. */
import { describe, expect, test } from '@jest/globals'
import type { FindingId } from '../../src/core/finding-titles.ts'
import { complaint, CREDENTIAL, entra, NAMES, TRUST } from '../../src/diagnosis/examples.ts'
import { matches, said, type Facts } from './decisions.ts'

describe('federated credentials', () => {
  const other = { ...CREDENTIAL, name: 'other', issuer: 'https://x/', subject: 'system:x', audience: 'x' }
  const trust = (...credentials: Partial<typeof CREDENTIAL>[]) => ({
    trust: { ...TRUST, credentials: credentials.map((one) => ({ ...CREDENTIAL, ...one })) }
  })

  test.each<[FindingId, Partial<typeof CREDENTIAL>]>([
    ['federated-credential/audience-differs', { audience: 'x' }],
    ['federated-credential/case-differs', { subject: CREDENTIAL.subject.toUpperCase() }],
    ['federated-credential/issuer-slash', { issuer: CREDENTIAL.issuer.slice(0, -1) }],
    ['federated-credential/issuer-of-another-cluster', { issuer: 'https://other/' }],
    ['federated-credential/subject-differs', { subject: 'system:serviceaccount:argocd:x' }]
  ])('%s says nothing beside one that is right, or without the token', (id, wrong) => {
    expect(matches(id, trust(wrong))).toBe(true)
    expect(matches(id, trust(wrong, {}))).toBe(false)
    expect(matches(id, trust({}, wrong))).toBe(false)
    expect(matches(id, { trust: { ...trust(wrong).trust, token: undefined } })).toBe(false)
  })

  test('issuers are compared without case and the slash at the end, and only that slash', () => {
    const id = 'federated-credential/issuer-of-another-cluster'
    expect(matches(id, trust({ issuer: CREDENTIAL.issuer.toUpperCase() }))).toBe(false)
    expect(matches(id, trust({ issuer: CREDENTIAL.issuer.slice(0, -1) }))).toBe(false)
    expect(matches(id, trust({ issuer: CREDENTIAL.issuer.replace('/', '') }))).toBe(true)
  })

  test('the limit is 20, and none for a cluster that has its own', () => {
    const many = (count: number, last: Partial<typeof CREDENTIAL>) =>
      trust(...Array.from({ length: count - 1 }, () => other), last)
    const id = 'federated-credential/limit-reached'
    expect(matches(id, many(19, other))).toBe(false)
    expect(matches(id, many(20, other))).toBe(true)
    expect(matches(id, many(20, {}))).toBe(false)
    expect(matches(id, many(20, { subject: 'system:x' }))).toBe(true)
    expect(matches(id, many(20, { issuer: 'https://x/' }))).toBe(true)
  })

  test('one of another identity is found by its subject', () => {
    const elsewhere = [{ ...CREDENTIAL, identity: 'id-x', clientId: 'x' }]
    const none = { ...TRUST, credentials: [] }
    expect(matches('federated-credential/missing', { trust: { ...none, elsewhere } })).toBe(false)
    const foreign = [{ ...elsewhere[0], subject: 'system:x' } as (typeof elsewhere)[number]]
    expect(matches('federated-credential/missing', { trust: { ...none, elsewhere: foreign } })).toBe(true)
    const { command } = said(
      'federated-credential/missing',
      { trust: none },
      { ...NAMES, cluster: 'c'.repeat(200) }
    )
    expect(/ -n (\S+) --issuer/.exec(command ?? '')?.[1]).toHaveLength(120)
  })
})

describe('clocks', () => {
  test.each<[string, Facts, string | undefined]>([
    ['the cluster, five minutes ahead', { clocks: { Entra: 300_000, Kubernetes: 0 } }, undefined],
    ['the cluster, more than that ahead', { clocks: { Entra: 300_001, Kubernetes: 0 } }, 'ahead of'],
    ['the cluster, more than that behind', { clocks: { Entra: -300_001, Kubernetes: 0 } }, 'behind'],
    [
      'after a refusal, a minute',
      { clocks: { Entra: 60_000, Kubernetes: 0 }, failure: entra(700021) },
      undefined
    ],
    [
      'after a refusal, more',
      { clocks: { Entra: 60_001, Kubernetes: 0 }, failure: entra(700021) },
      'ahead of'
    ],
    [
      'after a refusal that Argo CD quotes',
      { clocks: { Entra: 60_001, Kubernetes: 0 }, complaint: complaint('reading', 'x AADSTS500133: y') },
      'ahead of'
    ],
    [
      'after another complaint',
      { clocks: { Entra: 60_001, Kubernetes: 0 }, complaint: complaint('reading', 'AADSTS7000241') },
      undefined
    ],
    [
      'after another refusal',
      { clocks: { Entra: 60_001, Kubernetes: 0 }, failure: entra(700213) },
      undefined
    ],
    ['this machine', { clocks: { Entra: 60_001 }, failure: entra(700024) }, 'ahead of'],
    ['this machine, a minute', { clocks: { Entra: 60_000 }, failure: entra(700024) }, undefined],
    ['this machine, where nothing was refused', { clocks: { Entra: 900_000 } }, undefined],
    ['without the clock of Entra', { clocks: { Kubernetes: 900_000 }, failure: entra(700024) }, undefined]
  ])('%s', (_what, evidence, words) => {
    expect(matches('entra/clock-skew', evidence)).toBe(words !== undefined)
    if (words !== undefined) expect(said('entra/clock-skew', evidence).summary).toContain(words)
  })
})
