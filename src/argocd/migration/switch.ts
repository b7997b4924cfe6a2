/**
 * How a Secret is switched from a stored credential to workload identity, and back: which keys go, which stay, and how a
 * later run sees how far an earlier one came. Keys that nobody knows are kept. All functions are pure.
 */
import { isDeepStrictEqual } from 'node:util'
import type { V1Secret } from '@kubernetes/client-node'
import { isTrue } from '../../core/go-bool.ts'
import { MANAGED_BY } from '../managers.ts'
import { CHANGED, VERIFIED_WITH, TYPE_LABEL } from '../secrets.ts'
import { originalOf, type Backup, type Original } from './backup.ts'

/** Keys of logins that workload identity replaces. Client certificates of a proxy in between are none. */
const LOGIN_KEYS: readonly string[] = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'githubAppID',
  'githubAppInstallationID',
  'githubAppPrivateKey',
  'githubAppEnterpriseBaseUrl',
  'gcpServiceAccountKey',
  'azureServicePrincipalClientId',
  'azureServicePrincipalClientID',
  'azureServicePrincipalClientSecret',
  'azureServicePrincipalTenantId',
  'azureServicePrincipalTenantID'
]
/** Their values are credentials; a user name or an id is none. */
const SECRET_KEYS: readonly string[] = [
  'password',
  'bearerToken',
  'sshPrivateKey',
  'githubAppPrivateKey',
  'gcpServiceAccountKey',
  'azureServicePrincipalClientSecret'
]
const FLAG = 'useAzureWorkloadIdentity'
/** kubectl keeps a copy of all that was applied here, credentials included. */
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The keys that a switch takes out of it. */
export function keysToRemove({ data }: Pick<Original, 'data'>): string[] {
  return LOGIN_KEYS.filter((key) => key in data)
}

/** The values of credentials, to be masked; as they are and as the API has them. */
export function credentialsOf({ data }: Pick<Original, 'data'>): string[] {
  const encoded = SECRET_KEYS.flatMap((key) => data[key] ?? []).filter((value) => value !== '')
  return encoded.flatMap((value) => [value, Buffer.from(value, 'base64').toString('utf8')])
}

/** A merge patch for the version that was read. */
export function switchPatch(secret: V1Secret): object {
  const { labels, annotations, data } = originalOf(secret)
  const removed = keysToRemove({ data })
  const changed = labels[MANAGED_BY] === 'patless' ? {} : { [CHANGED]: [FLAG, ...removed].join(',') }
  return {
    metadata: {
      resourceVersion: secret.metadata?.resourceVersion,
      annotations: {
        [VERIFIED_WITH]: null,
        ...changed,
        ...(APPLIED in annotations ? { [APPLIED]: null } : {})
      }
    },
    data: { ...Object.fromEntries(removed.map((key) => [key, null])), [FLAG]: base64('true') }
  }
}

/** A merge patch that puts back what was, in the version that was read. */
export function restorePatch({ original }: Pick<Backup, 'original'>, live: V1Secret): object {
  const removed = keysToRemove(original)
  const { annotations, data } = original
  const noted = [VERIFIED_WITH, CHANGED, APPLIED].map((key) => [key, annotations[key] ?? null] as const)
  return {
    metadata: {
      resourceVersion: live.metadata?.resourceVersion,
      annotations: Object.fromEntries(noted)
    },
    data: {
      ...Object.fromEntries(removed.map((key) => [key, data[key]])),
      [FLAG]: data[FLAG] ?? null
    }
  }
}

/** The Secret anew, where it is gone. */
export function recreated({ secret, original }: Pick<Backup, 'secret' | 'original'>): V1Secret {
  const { labels, annotations, type, data } = original
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, labels, annotations }, type, data }
}

/**
 * What a Secret is, compared with its backup. `original`: with its credentials, as kept. `switched`: without them.
 * `other`: somebody else wrote something else into it. `gone`: deleted, or made anew.
 */
export type Stage = 'original' | 'switched' | 'other' | 'gone'

export function stageOf(
  { of, original }: Pick<Backup, 'of' | 'original'>,
  live: V1Secret | undefined
): Stage {
  if (!live || live.metadata?.uid !== of.uid) return 'gone'
  const now = originalOf(live)
  const removed = keysToRemove(original)
  const same = (key: string): boolean => now.data[key] === original.data[key]
  if (!['url', 'project'].every(same) || now.labels[TYPE_LABEL] !== original.labels[TYPE_LABEL])
    return 'other'
  if ([...removed, FLAG].every(same)) return 'original'
  const flag = Buffer.from(now.data[FLAG] ?? '', 'base64').toString('utf8')
  return isTrue(flag) && isDeepStrictEqual(keysToRemove(now), []) ? 'switched' : 'other'
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
