/**
 * How Argo CD reads the keys of its Secrets (argo-cd util/db: secretToRepository, secretToRepoCred; GetGitCreds). Which
 * keys there are depends on its version. Here are names and whether a value is there, never a credential itself.
 */
import { withoutCredentials } from '../core/text.ts'
import { atLeast } from './version.ts'

export type SecretKind = 'repository' | 'repo-creds'

/** Value of a key as text; undefined when the key is not there. */
export type Values = (key: string) => string | undefined

/** A key that is there has to parse, even when it is empty: else Argo CD rejects the whole Secret. */
const PARSED: readonly (readonly [
  key: string,
  as: 'boolean' | 'integer',
  since: string,
  only?: SecretKind
])[] = [
  ['insecureIgnoreHostKey', 'boolean', '3.0.0', 'repository'],
  ['insecure', 'boolean', '3.0.0', 'repository'],
  ['enableLfs', 'boolean', '3.0.0', 'repository'],
  ['enableOCI', 'boolean', '3.0.0'],
  ['insecureOCIForceHttp', 'boolean', '3.1.0'],
  ['githubAppID', 'integer', '3.0.0'],
  ['githubAppInstallationID', 'integer', '3.0.0'],
  ['forceHttpBasicAuth', 'boolean', '3.0.0'],
  ['useAzureWorkloadIdentity', 'boolean', '3.0.0'],
  ['depth', 'integer', '3.3.0', 'repository'],
  ['webhookManifestCacheWarmDisabled', 'boolean', '3.6.0', 'repository']
]

/** @returns keys whose value this version of Argo CD cannot parse; of an unknown version every key is read */
export function unreadableKeys(kind: SecretKind, values: Values, version: string | undefined): string[] {
  return PARSED.filter(([key, as, since, only = kind]) => {
    const value = values(key)
    if (value === undefined || only !== kind || (version !== undefined && !atLeast(version, since)))
      return false
    return as === 'boolean' ? !isBoolean(value) : !INTEGER.test(value)
  }).map(([key]) => key)
}

/** Keys whose value holds no credential; URLs among them without the user part. */
const PLAIN = [
  'url',
  'type',
  'project',
  'proxy',
  'noProxy',
  'githubAppEnterpriseBaseUrl',
  'azureActiveDirectoryEndpoint'
]

/** What of a Secret decides how Argo CD reads, as far as it may be told: names of all keys, values of plain ones. */
export function outlineOf(kind: SecretKind, uid: string, keys: readonly string[], values: Values): string {
  const plain = PLAIN.map((key) => [key, withoutCredentials(values(key) ?? '')])
  // What does not parse may be anything, a credential in the wrong place among it.
  const parsed = PARSED.map(([key, as]) => {
    const value = values(key)
    const readable = value !== undefined && (as === 'boolean' ? isBoolean(value) : INTEGER.test(value))
    return [key, readable ? value : value === undefined ? 'none' : 'unreadable']
  })
  return JSON.stringify([kind, uid, keys.toSorted(), plain, parsed])
}

const INTEGER = /^[+-]?\d{1,18}$/

/** What a credential of its own is made of: with one of these no template is asked (HasCredentials). */
const OWN = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'tlsClientCertData',
  'githubAppPrivateKey'
]

/** Names of the keys that hold a credential, of whatever use it is. */
export const CREDENTIAL_KEYS = [
  'password',
  'bearerToken',
  'sshPrivateKey',
  'githubAppPrivateKey',
  'gcpServiceAccountKey',
  'azureServicePrincipalClientSecret',
  'username'
] as const

/** What decides about the login: names of what is filled, as Argo CD's code knows them. */
export interface Held {
  readonly filled: ReadonlySet<string>
  readonly flag: boolean
}

export function heldIn(kind: SecretKind, values: Values, version: string | undefined): Held {
  const filled = new Set<string>()
  const servicePrincipals = version === undefined || atLeast(version, '3.5.0')
  const add = (name: string, key = name): void => {
    if ((values(key) ?? '') !== '') filled.add(name)
  }
  for (const key of [...OWN, 'tlsClientCertKey', 'gcpServiceAccountKey']) add(key)
  if (Number(values('githubAppID') ?? '0') !== 0) filled.add('githubAppID')
  if (servicePrincipals) {
    add('azureServicePrincipalClientSecret')
    // Templates spell these two in another way (argo-cd #29414).
    const id = kind === 'repository' ? 'Id' : 'ID'
    for (const key of ['azureServicePrincipalClient', 'azureServicePrincipalTenant'])
      add(`${key}Id`, `${key}${id}`)
  }
  return { filled, flag: isTrue(values('useAzureWorkloadIdentity')) }
}

/** Whether a repository Secret has "credentials of its own", which keep every template out. */
export function hasCredentials({ filled, flag }: Held): boolean {
  return flag || [...OWN, 'azureServicePrincipalClientSecret'].some((key) => filled.has(key))
}

/** Blanks are filled from the template; the flag is the template's (CopyCredentialsFrom). */
export function inherited(own: Held, template: Held): Held {
  return { filled: new Set([...own.filled, ...template.filled]), flag: template.flag }
}

/** Keys that Argo CD logs in with before it looks at workload identity (GetGitCreds). */
export function beatingKeys({ filled }: Held): string[] {
  return ['password', 'bearerToken', 'sshPrivateKey', 'githubAppPrivateKey', 'gcpServiceAccountKey'].filter(
    (key) => filled.has(key) && (key !== 'githubAppPrivateKey' || filled.has('githubAppID'))
  )
}

/** How Argo CD logs in to git. */
export function loginBy(held: Held): 'workload identity' | 'other credentials' | 'nothing' {
  if (beatingKeys(held).length > 0) return 'other credentials'
  if (held.flag) return 'workload identity'
  const principal = ['ClientId', 'ClientSecret', 'TenantId'].map((end) => `azureServicePrincipal${end}`)
  return principal.every((key) => held.filled.has(key)) ? 'other credentials' : 'nothing'
}

/** Go's strconv.ParseBool, as Argo CD reads flags. */
export function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)
}

function isBoolean(text: string): boolean {
  return isTrue(text) || ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)
}
