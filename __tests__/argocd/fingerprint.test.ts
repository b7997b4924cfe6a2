/** The evidence fingerprint: what is part of it, what makes it another one, and what never enters it. */
import { describe, expect, test } from '@jest/globals'
import type { V1Pod } from '@kubernetes/client-node'
import {
  changedParts,
  fingerprintOfPods,
  fingerprintOfSecrets,
  noteOf,
  proofIn
} from '../../src/argocd/fingerprint.ts'
import { entryOf, type Entry } from '../../src/argocd/secrets.ts'
import { BOOKKEEPER, changedAt } from '../../src/services/kubernetes/changed.ts'

const URL = 'https://dev.azure.com/contoso/shop/_git/app'

function entry(fields: Readonly<Record<string, string>>, type = 'repository', name = 'one'): Entry {
  const data = Object.fromEntries(
    Object.entries({ url: URL, ...fields }).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64')
    ])
  )
  const metadata = { name, uid: 'u', labels: { 'argocd.argoproj.io/secret-type': type } }
  const found = entryOf({ metadata, data }, '3.5.1')
  if (!found) throw new Error('no entry')
  return found
}
const secrets = (...all: Entry[]) => fingerprintOfSecrets([URL], all)
const WI = { useAzureWorkloadIdentity: 'true' }

type Instance = Parameters<typeof fingerprintOfPods>[0]['instance']
const pod = (env: readonly object[], more: object = {}): V1Pod =>
  ({
    metadata: { uid: 'pod' },
    spec: {
      containers: [
        { name: 'argocd-repo-server', env, ...more },
        { name: 'other', env: [{ name: 'AZURE_X' }] }
      ]
    }
  }) as V1Pod
const pods = (one: V1Pod, version = '3.2.0') =>
  fingerprintOfPods(
    {
      instance: { container: 'argocd-repo-server', version, account: 'a' } as Instance,
      clientId: 'c',
      tenantId: 't'
    } as Parameters<typeof fingerprintOfPods>[0],
    { serviceAccount: undefined, deployment: {}, pods: [one] }
  )

describe('Secrets', () => {
  test.each([
    [{ proxy: 'http://proxy' }],
    [{ noProxy: 'dev.azure.com' }],
    [{ depth: '1' }],
    [{ depth: 'one' }],
    [{ githubAppID: 'n/a' }],
    [{ url: `${URL}\n` }],
    [{ url: `${URL}.git` }],
    [{ insecure: 'true' }],
    [{ password: 'x' }],
    [{ anything: 'x' }]
  ])('%j is another fingerprint', (fields) => {
    expect(changedParts(secrets(entry(WI)), secrets(entry({ ...WI, ...fields })))).toEqual(['Secret one'])
  })

  test('a template that covers the URL belongs to it, one of another host does not', () => {
    const own = entry(WI)
    const template = (url: string) => entry({ ...WI, url }, 'repo-creds', 'two')
    expect(changedParts(secrets(own), secrets(own, template('https://dev.azure.com/')))).toEqual([
      'Secret two'
    ])
    expect(changedParts(secrets(own), secrets(own, template('https://github.com/')))).toEqual([])
  })

  test.each([
    'password',
    'bearerToken',
    'sshPrivateKey',
    'azureServicePrincipalClientSecret',
    'token',
    'username'
  ])('the value of %s does not enter it, nor a hash of it', (key) => {
    expect(secrets(entry({ [key]: 'one' }))).toEqual(secrets(entry({ [key]: 'another' })))
  })

  test('nor a credential in a URL, or one that stands where a number belongs', () => {
    const proxied = (user: string) => secrets(entry({ proxy: `http://${user}@proxy:3128` }))
    expect(proxied('me:secret1')).toEqual(proxied('me:secret2'))
    expect(secrets(entry({ depth: 'secret1' }))).toEqual(secrets(entry({ depth: 'secret2' })))
  })
})

describe('pods', () => {
  test.each([
    ['an authority', { name: 'AZURE_AUTHORITY_HOST', value: 'https://login.attacker.example/' }],
    ['a proxy', { name: 'https_proxy', value: 'http://127.0.0.1:9' }],
    ['who is not to be reached by it', { name: 'NO_PROXY', value: '*' }],
    ['the chain', { name: 'AZURE_TOKEN_CREDENTIALS', value: 'prod' }],
    ['a client secret', { name: 'AZURE_CLIENT_SECRET', value: 'x' }],
    [
      'a value from elsewhere',
      { name: 'AZURE_CLIENT_ID', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }
    ]
  ])('%s makes another environment', (_, variable) => {
    expect(changedParts(pods(pod([])), pods(pod([variable])))).toEqual(['environment of the pods'])
  })

  test('other variables, and those of other containers, do not', () => {
    expect(changedParts(pods(pod([])), pods(pod([{ name: 'REDIS_PASSWORD', value: 'x' }])))).toEqual([])
  })

  test.each(['AZURE_CLIENT_SECRET', 'AZURE_DEVOPS_EXT_PAT', 'AZURE_PASSWORD'])(
    'the value of %s does not enter it',
    (name) => {
      expect(pods(pod([{ name, value: 'one' }]))).toEqual(pods(pod([{ name, value: 'another' }])))
    }
  )

  test('another version of Argo CD is named', () => {
    expect(changedParts(pods(pod([])), pods(pod([]), '3.5.1'))).toEqual(['Argo CD version'])
  })
})

describe('a recorded proof', () => {
  const fingerprint = { pods: 'a', identity: 'b' }
  const at = Date.parse('2026-11-25T20:00:00Z')

  test('is read back as it was written', () => {
    expect(proofIn(noteOf({ at, fingerprint }))).toEqual({ at, fingerprint })
  })

  test.each([
    undefined,
    '',
    'ab12cd34.ef56',
    '{}',
    '{"at":"soon"}',
    '{"at":"2999-01-01T00:00:00Z"}',
    '[]',
    '{'
  ])('%s is none', (text) => {
    expect(proofIn(text)).toBeUndefined()
  })

  test('a part that is gone, and one that is new, are named', () => {
    expect(changedParts(fingerprint, { pods: 'a', account: 'c' })).toEqual(['identity', 'account'])
  })
})

describe('when an object was changed', () => {
  const entryBy = (manager: string, time: string, more: object = {}) => ({
    manager,
    time,
    operation: 'Update',
    fieldsV1: { 'f:data': { 'f:url': {} } },
    ...more
  })
  const note = { fieldsV1: { 'f:metadata': { 'f:annotations': { '.': {}, 'f:patless/verified-with': {} } } } }
  const [early, late] = ['2026-11-25T20:00:00Z', '2026-11-25T21:00:00Z']

  test.each([
    ['the latest of all writers', [entryBy('a', early), entryBy('b', late)], late],
    ['not a status', [entryBy('a', early), entryBy('b', late, { subresource: 'status' })], early],
    ['not our own note', [entryBy('a', early), entryBy(BOOKKEEPER, late, note)], early],
    ['what is only called so counts', [entryBy('a', early), entryBy(BOOKKEEPER, late)], late],
    ['a note of somebody else counts', [entryBy('a', early), entryBy('b', late, note)], late]
  ])('%s', (_, managedFields, expected) => {
    expect(changedAt({ managedFields })).toBe(Date.parse(expected))
  })

  test.each([
    [undefined],
    [{}],
    [{ managedFields: [] }],
    [{ managedFields: [{ manager: 'a' }] }],
    [{ managedFields: 'x' }]
  ])('%j: nobody wrote it down', (metadata) => {
    expect(changedAt(metadata)).toBeUndefined()
  })
})
