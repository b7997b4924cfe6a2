/**
 * How Argo CD reads the keys of its Secrets (argo-cd util/db: secretToRepository, secretToRepoCred; GetGitCreds). The
 * set of keys depends on its version. This file handles names and whether a value exists, never a credential itself.
 */
import { isBoolean, isTrue } from '../core/go-bool.ts'
import { withoutCredentials } from '../core/text.ts'
import { atLeast } from './version.ts'

export type SecretKind = 'repository' | 'repo-creds'

/** A key's value as text; undefined when the key is missing. */
export type Values = (key: string) => string | undefined

/** A key that exists must parse, even when it is empty; otherwise Argo CD rejects the whole Secret. */
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
  ['webhookManifestCacheWarmDisabled', 'boolean', '3.5.0', 'repository']
]

/** @returns keys whose value this version of Argo CD cannot parse; for an unknown version, every key is checked */
export function unreadableKeys(kind: SecretKind, values: Values, version: string | undefined): string[] {
  return PARSED.filter(([key, as, since, only = kind]) => {
    const value = values(key)
    if (value === undefined || only !== kind || (version !== undefined && !atLeast(version, since)))
      return false
    return as === 'boolean' ? !isBoolean(value) : !INTEGER.test(value)
  }).map(([key]) => key)
}

/** Keys whose value contains no credential. URLs among them are used without their user part. */
const PLAIN = [
  'url',
  'type',
  'project',
  'proxy',
  'noProxy',
  'githubAppEnterpriseBaseUrl',
  'azureActiveDirectoryEndpoint'
]

/**
 * The parts of a Secret that decide how Argo CD reads and that may be shown: names of all keys, values of plain ones.
 */
export function outlineOf(kind: SecretKind, uid: string, keys: readonly string[], values: Values): string {
  const plain = PLAIN.map((key) => [key, withoutCredentials(values(key) ?? '')])
  // A value that does not parse may be anything, even a misplaced credential.
  const parsed = PARSED.map(([key, as]) => {
    const value = values(key)
    const readable = value !== undefined && (as === 'boolean' ? isBoolean(value) : INTEGER.test(value))
    return [key, readable ? value : value === undefined ? 'none' : 'unreadable']
  })
  return JSON.stringify([kind, uid, keys.toSorted(), plain, parsed])
}

const INTEGER = /^[+-]?\d{1,18}$/

/** Keys of a Secret's own credentials. With any of them, Argo CD uses no template (HasCredentials). */
const OWN = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'tlsClientCertData',
  'githubAppPrivateKey'
]

/** Names of all keys that hold a credential, whatever its purpose. */
export const CREDENTIAL_KEYS = [
  'password',
  'bearerToken',
  'sshPrivateKey',
  'githubAppPrivateKey',
  'gcpServiceAccountKey',
  'azureServicePrincipalClientSecret',
  'username'
] as const

/** What decides the login: the names of filled keys, as in Argo CD's code. */
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
    // Templates spell these two differently (argo-cd #29414).
    const id = kind === 'repository' ? 'Id' : 'ID'
    for (const key of ['azureServicePrincipalClient', 'azureServicePrincipalTenant'])
      add(`${key}Id`, `${key}${id}`)
  }
  return { filled, flag: isTrue(values('useAzureWorkloadIdentity')) }
}

/** Whether a repository Secret has "credentials of its own", so that Argo CD uses no template. */
export function hasCredentials({ filled, flag }: Held): boolean {
  return flag || [...OWN, 'azureServicePrincipalClientSecret'].some((key) => filled.has(key))
}

/** The template fills missing values; the flag always comes from the template (CopyCredentialsFrom). */
export function inherited(own: Held, template: Held): Held {
  return { filled: new Set([...own.filled, ...template.filled]), flag: template.flag }
}

/** Keys that Argo CD uses before workload identity (GetGitCreds). */
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
