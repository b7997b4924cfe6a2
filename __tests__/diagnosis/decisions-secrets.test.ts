/** Where a rule about Secrets and Applications ends: the case beside its examples that another rule, or none, has to explain. */
import { describe, expect, test } from '@jest/globals'
import type { SecretFacts } from '../../src/diagnosis/evidence.ts'
import { CONNECTIONS, SECRET } from '../../src/diagnosis/examples.ts'
import { matches, said } from './decisions.ts'

const url = (more: Partial<(typeof CONNECTIONS.urls)[number]>) => ({
  connections: {
    ...CONNECTIONS,
    urls: [{ url: SECRET.url, login: 'nothing' as const, by: undefined, rivals: [], ...more }]
  }
})
const secrets = (...all: Partial<SecretFacts>[]) => ({
  connections: { ...CONNECTIONS, secrets: all.map((one) => ({ ...SECRET, ...one })) }
})

describe('Secrets', () => {
  test('of several, the one with workload identity and nothing else is kept', () => {
    const named = (name: string, more: Partial<SecretFacts> = {}) => ({ ...SECRET, name, ...more })
    const first = named('first', { credentials: ['password'] })
    const rivals = [named('plain', { workloadIdentity: 'false' }), named('right'), named('last')]
    const facts = said('connection/duplicate', url({ by: first, rivals }))
    expect(facts.remedy).toBe('keep right, and delete the others if nobody needs what is in it')
    expect(facts.command).toBe('kubectl -n argocd delete secret first plain last')
    const two = said('connection/duplicate', url({ by: first, rivals: [rivals[0] ?? first] }))
    expect(two.remedy).toBe('keep first, and delete the other if nobody needs what is in it')
  })

  test.each([
    ['URL', 'url', SECRET.url],
    ['Type', 'type', 'git'],
    ['Project', 'project', '<project>'],
    ['UseAzureWorkloadIdentity', 'useAzureWorkloadIdentity', 'true'],
    ['use-azure-workload-identity', 'useAzureWorkloadIdentity', 'true']
  ])('the key %s is written as %s', (wrong, right, value) => {
    const { command } = said('connection/key-misspelled', secrets({ keys: [wrong] }))
    expect(command).toContain(JSON.stringify({ data: { [wrong]: null }, stringData: { [right]: value } }))
    expect(matches('connection/key-misspelled', secrets({ keys: [wrong, right] }))).toBe(false)
    expect(matches('connection/key-misspelled', secrets({ keys: [right] }))).toBe(false)
  })

  test.each([
    [['useAzureWorkloadIdentity'], { stringData: { useAzureWorkloadIdentity: 'true' } }],
    [['insecure', 'enableLfs'], { data: { insecure: null, enableLfs: null } }],
    [
      ['insecure', 'useAzureWorkloadIdentity'],
      { data: { insecure: null }, stringData: { useAzureWorkloadIdentity: 'true' } }
    ]
  ])('what cannot be parsed is corrected or removed: %j', (unreadable, body) => {
    const facts = said('connection/not-readable', secrets({ unreadable }))
    expect(facts.command).toContain(`-p '${JSON.stringify(body)}'`)
    expect(facts.remedy).toBe(`correct ${unreadable.join(' and ')}`)
  })

  test.each<[string, Partial<SecretFacts>, boolean]>([
    ['a template', { kind: 'repo-creds', keys: ['azureServicePrincipalClientId'] }, true],
    ['a right template', { kind: 'repo-creds', keys: ['azureServicePrincipalClientID'] }, false],
    ['a repository', { keys: ['azureServicePrincipalTenantID'] }, true],
    ['both spellings', { keys: ['azureServicePrincipalTenantID', 'azureServicePrincipalTenantId'] }, false],
    ['a longer key', { keys: ['azureServicePrincipalTenantIDs'] }, false],
    ['a key with another beginning', { keys: ['myazureServicePrincipalTenantID'] }, false],
    [
      'a longer key beside the wrong one',
      { keys: ['xazureServicePrincipalClientIdx', 'azureServicePrincipalClientID'] },
      true
    ]
  ])('the case of keys of a service principal: %s', (_what, more, is) => {
    const facts = { workloadIdentity: undefined, ...more }
    expect(matches('connection/service-principal-key-case', secrets(facts))).toBe(is)
  })

  test('a template with workload identity needs no key of a service principal', () => {
    const keys = ['azureServicePrincipalClientId']
    const of = (more: Partial<SecretFacts>) =>
      matches('connection/service-principal-key-case', secrets({ kind: 'repo-creds', keys, ...more }))
    expect(of({ workloadIdentity: 'true' })).toBe(false)
    expect(of({ workloadIdentity: 'false' })).toBe(true)
  })

  test('of two templates, the one that stays after apply is named', () => {
    const by = (name: string) => ({ ...SECRET, kind: 'repo-creds' as const, name, credentials: ['password'] })
    const shadowed = (name: string, applied: 'workload identity' | 'other credentials') => ({
      ...{ url: SECRET.url, login: 'other credentials' as const, by: by(name), rivals: [], applied }
    })
    const urls = [shadowed('goes', 'workload identity'), shadowed('stays', 'other credentials')]
    const facts = said('connection/shadowed', { connections: { ...CONNECTIONS, urls } })
    expect(facts.command).toBe('kubectl -n argocd edit secret stays')
    const own = [{ ...shadowed('own', 'other credentials'), by: SECRET }]
    expect(matches('connection/shadowed', { connections: { ...CONNECTIONS, urls: own } })).toBe(false)
  })

  test.each([
    ['git', false],
    ['', false],
    ['helm', true],
    ['Git', true]
  ])('the type "%s"', (type, is) => {
    expect(matches('connection/type-not-git', secrets({ type }))).toBe(is)
  })

  test.each([
    ['https://dev.azure.com', true],
    ['https://dev.azure.com/', true],
    ['https://user@dev.azure.com/', true],
    ['https://dev.azure.com/contoso', false],
    ['https://dev.azure.com.example.com', false],
    ['https://a/b@dev.azure.com', false]
  ])('a template for %s', (of, is) => {
    const wide = secrets({ kind: 'repo-creds', url: of })
    expect(matches('connection/template-too-wide', wide)).toBe(is)
  })

  test('a missing one is no missing one where there is something to correct', () => {
    expect(matches('connection/missing', url({}))).toBe(true)
    expect(matches('connection/missing', url({ login: 'other credentials' }))).toBe(false)
    expect(matches('connection/missing', url({ by: SECRET }))).toBe(false)
    const ignored = [{ namespace: 'argocd', name: 'x', label: undefined }]
    const { connections } = url({})
    expect(matches('connection/missing', { connections: { ...connections, ignored } })).toBe(false)
    const ssh = [{ ...SECRET, url: 'git@ssh.dev.azure.com:v3/contoso/shop/app' }]
    expect(matches('connection/missing', { connections: { ...connections, secrets: ssh } })).toBe(false)
    const scoped = [{ ...SECRET, project: 'team' }]
    expect(matches('connection/missing', { connections: { ...connections, secrets: scoped } })).toBe(false)
  })

  test('a username is another rule than the missing flag', () => {
    const by = { ...SECRET, workloadIdentity: undefined, keys: ['url', 'username'] }
    expect(matches('connection/flag-missing', url({ by }))).toBe(false)
    expect(matches('connection/username-blocks-template', url({ by }))).toBe(true)
    const refused = { ...by, workloadIdentity: 'false' }
    expect(matches('connection/username-blocks-template', url({ by: refused }))).toBe(false)
  })

  test('another spelling counts only where it is not covered and no SSH', () => {
    const of = (covered: boolean | undefined, spelled: string) => ({
      connections: {
        ...CONNECTIONS,
        applications: [
          {
            namespace: 'a',
            name: 'n',
            project: 'p',
            url: spelled,
            watched: true,
            ...(covered !== undefined && { covered })
          }
        ]
      }
    })
    const id = 'connection/url-spelled-otherwise'
    expect(matches(id, of(false, `${SECRET.url}/`))).toBe(true)
    expect(matches(id, of(true, `${SECRET.url}/`))).toBe(false)
    expect(matches(id, of(undefined, `${SECRET.url}/`))).toBe(false)
    expect(matches(id, of(false, 'git@ssh.dev.azure.com:v3/a/b/c'))).toBe(false)
  })

  test('beside others that are right, the wrong one is named', () => {
    const fine = { ...SECRET, name: 'fine' }
    const type = said(
      'connection/type-not-git',
      secrets(fine, { name: 'untyped', type: '' }, { name: 'wrong', type: 'helm' })
    )
    expect(type.summary).toContain('The Secret wrong ')
    const applications = [
      { namespace: 'a', name: 'covered', project: 'p', url: 'https://x', watched: true, covered: true },
      { namespace: 'a', name: 'ssh', project: 'p', url: 'git@x:y', watched: true, covered: false },
      { namespace: 'a', name: 'other', project: 'p', url: 'http://x', watched: true, covered: false }
    ]
    const spelled = said('connection/url-spelled-otherwise', {
      connections: { ...CONNECTIONS, applications }
    })
    expect(spelled.command).toBe('kubectl -n a edit application other')
    const ignored = [
      { namespace: 'argocd', name: 'here', label: undefined },
      { namespace: 'elsewhere', name: 'there', label: 'repository' }
    ]
    const { connections } = url({})
    const away = { connections: { ...connections, ignored } }
    expect(said('connection/in-another-namespace', away).command).toBe(
      'kubectl -n elsewhere delete secret there'
    )
    const served = url({ login: 'workload identity', by: SECRET }).connections
    expect(matches('connection/in-another-namespace', { connections: { ...served, ignored } })).toBe(false)
    expect(
      matches('connection/in-another-namespace', {
        connections: { ...connections, ignored: ignored.slice(0, 1) }
      })
    ).toBe(false)
  })

  test('several keys and Secrets are all named', () => {
    const credentials = ['username', 'password']
    const by = { ...SECRET, credentials }
    const held = { connections: { ...url({ by }).connections, secrets: [by] } }
    const { summary, actual, remedy } = said('connection/stored-credentials', held)
    expect([summary, remedy].every((text) => text.includes('username and password'))).toBe(true)
    expect(actual).toBe('username, password')
    const others = [SECRET, { ...SECRET, name: 'b' }].map((one) => ({ ...one, url: 'https://x' }))
    const { connections } = url({})
    expect(said('connection/missing', { connections: { ...connections, secrets: others } }).actual).toBe(
      'repo-8236907: https://x, b: https://x'
    )
  })
})
