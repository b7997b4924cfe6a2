/** Where a rule about Azure, Azure DevOps and versions ends: the case beside its examples that another rule, or none, has to explain. */
import { describe, expect, test } from '@jest/globals'
import { arm, devops, IDENTITY, MEMBERSHIP, REPOSITORY } from '../../src/diagnosis/examples.ts'
import { matches, said } from './decisions.ts'

describe('Azure and Azure DevOps', () => {
  test.each([
    ['active', false],
    ['pending', false],
    ['disabled', true]
  ])('a member that is %s', (status, is) => {
    const member = { accessLevel: 'Basic', reads: true, status }
    expect(matches('entitlement/inactive', { membership: { ...MEMBERSHIP, member } })).toBe(is)
    expect(matches('entitlement/inactive', { membership: { ...MEMBERSHIP, member: undefined } })).toBe(false)
  })

  test.each([
    [IDENTITY.tenantId, false],
    [IDENTITY.tenantId.toUpperCase(), false],
    ['88888888-8888-4999-8000-11111111111A', true],
    [undefined, false]
  ])('an organization of tenant %s', (tenantId, is) => {
    const evidence = { membership: { ...MEMBERSHIP, tenantId }, identity: IDENTITY }
    expect(matches('entitlement/other-tenant', evidence)).toBe(is)
  })

  test('a repository is named for what is wrong with it, not for what is wrong with another', () => {
    const bare = { ...REPOSITORY, allowed: false }
    const repositories = [
      { ...bare, repository: 'denied', denied: 'repository' as const },
      { ...bare, repository: 'by-group', deniedTo: 'Contractors' },
      { ...bare, repository: 'gone', found: undefined },
      { ...bare, repository: 'plain' }
    ]
    expect(said('permission/not-granted', { repositories }).summary).toContain('repository plain.')
    const before = [{ ...bare, repository: 'first' }, ...repositories]
    expect(said('permission/denied', { repositories: before }).summary).toContain('repository denied is')
    expect(said('permission/denied-by-group', { repositories }).summary).toContain('by-group')
    expect(matches('permission/not-granted', { repositories: repositories.slice(0, 3) })).toBe(false)
    const both = [{ ...bare, denied: 'project' as const, deniedTo: 'x', projectVisible: false }]
    expect(matches('permission/denied-by-group', { repositories: both })).toBe(false)
    expect(matches('permission/project-hidden', { repositories: both })).toBe(false)
  })

  test.each([
    ['QuotaExceeded', true],
    ['ResourceQuotaExceeded', true],
    ['OperationNotAllowedQuota', true],
    ['ResourceCountExceedsLimit', true],
    ['TooManyResources', true],
    ['TooManyRequests', false]
  ])('ARM: %s is a quota: %s', (code, is) => {
    expect(matches('azure/quota', { failure: arm(code) })).toBe(is)
  })

  test('a limit of requests is no quota, whatever it says', () => {
    const text = 'exceeding the quota of requests'
    expect(matches('azure/quota', { failure: arm('X', text) })).toBe(true)
    expect(matches('azure/quota', { failure: arm('X', text, { status: 429 }) })).toBe(false)
    expect(matches('azure/quota', { failure: arm('X', 'the quota is exceeded') })).toBe(true)
    expect(matches('azure/quota', { failure: arm('X', 'quotas, exceed') })).toBe(false)
  })

  test.each([
    ['No licenses are left', true],
    ['no licence', true],
    ['You have exceeded the number of licenses', true],
    ['Not enough licenses', true],
    ['licences available: 0', true],
    ['license limit', true],
    ['licensed software', false],
    ['the licence text', false]
  ])('Azure DevOps: "%s" is about licences: %s', (text, is) => {
    expect(
      matches('azure-devops/licence-missing', { failure: devops(undefined, text, { status: 409 }) })
    ).toBe(is)
    expect(matches('azure-devops/licence-missing', { failure: devops(undefined, text) })).toBe(false)
  })

  test.each([
    ["tags['costCenter'] and tags[owner]", /costCenter=<value>, owner=<value>;/],
    ['tags["a"], tags["a"]', /: a=<value>;/],
    ['no tag at all', /satisfy the policy/]
  ])('the tags of a policy: %s', (text, remedy) => {
    expect(said('azure/policy', { failure: arm('RequestDisallowedByPolicy', text) }).remedy).toMatch(remedy)
  })
})

test.each([
  ['2.14.3', true],
  ['12.0.0', false],
  ['3.0.0', true],
  ['3.0.9', true],
  ['3.0.12', true],
  ['3.0.13', false],
  ['3.0.120', false],
  ['3.1.0', true],
  ['3.1.0-rc1', true],
  ['3.1.01', false],
  ['3.1.1', false],
  ['3.2.0', false]
])('Argo CD %s cannot read with workload identity: %s', (argocd, is) => {
  expect(matches('argocd/version-unfit', { version: { argocd, image: 'x' } })).toBe(is)
})

test.each<[string, string, Record<string, string>, boolean]>([
  ['the old names', '1.0.1', { 'workloadIdentity.enable': 'true' }, true],
  ['an extension that knows them', '0.0.9', { 'workloadIdentity.enable': 'true' }, false],
  [
    'the new one beside',
    '1.0.1',
    { 'workloadIdentity.enable': 'true', 'azure.workloadIdentity.enabled': 'true' },
    false
  ],
  ['none', '1.0.0.0.', {}, false]
])('settings of the AKS extension: %s', (_what, version, settings, is) => {
  const extension = { name: 'argocd', version, state: 'Succeeded', settings }
  expect(matches('argocd/extension-keys-old', { extension })).toBe(is)
  if (is) expect(said('argocd/extension-keys-old', { extension }).actual).toBe('workloadIdentity.enable')
})
