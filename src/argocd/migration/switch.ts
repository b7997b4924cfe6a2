/**
 * How a Secret is switched from a stored credential to workload identity, and back: which keys go, which stay, and how a
 * later run sees how far an earlier one came. Keys that nobody knows are kept. All functions are pure.
 */
import type { V1Secret } from '@kubernetes/client-node'
import { isTrue } from '../../core/go-bool.ts'
import { isPlainKey } from '../../services/kubernetes/secrets.ts'
import { MANAGED_BY } from '../managers.ts'
import { CHANGED, VERIFIED_WITH, TYPE_LABEL } from '../secrets.ts'
import { originalOf, type Backup } from './backup.ts'
import { loginKeysIn } from './login-keys.ts'
import { markIn, markOf, MIGRATED } from './mark.ts'

const FLAG = 'useAzureWorkloadIdentity'
/** kubectl keeps a copy of all that was applied here, credentials included. */
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * A merge patch for the version that was read.
 *
 * @param backup of that version. @param shared objects that hold the same credential. @param at ms since the epoch
 */
export function switchPatch(
  secret: V1Secret,
  backup: Pick<Backup, 'name' | 'version'>,
  shared: readonly string[],
  at: number
): object {
  const { labels, annotations, data } = originalOf(secret)
  const removed = loginKeysIn(data)
  const changed = labels[MANAGED_BY] === 'patless' ? {} : { [CHANGED]: [FLAG, ...removed].join(',') }
  return {
    metadata: {
      resourceVersion: secret.metadata?.resourceVersion,
      annotations: {
        [VERIFIED_WITH]: null,
        ...markOf(secret, backup, shared, at),
        ...changed,
        ...(APPLIED in annotations ? { [APPLIED]: null } : {})
      }
    },
    data: { ...Object.fromEntries(removed.map((key) => [key, null])), [FLAG]: base64('true') }
  }
}

/** A merge patch that puts back what was, in the version that was read. */
export function restorePatch({ original }: Pick<Backup, 'original'>, live: V1Secret): object {
  const removed = loginKeysIn(original.data)
  const { annotations, data } = original
  const noted = [VERIFIED_WITH, CHANGED, APPLIED, MIGRATED].map(
    (key) => [key, annotations[key] ?? null] as const
  )
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

/**
 * The Secret anew, where it is gone.
 *
 * @returns undefined where it could be more than a repository: nothing vouches for a backup whose Secret is gone
 */
export function recreated({ secret, original }: Pick<Backup, 'secret' | 'original'>): V1Secret | undefined {
  const { labels, annotations, type, data } = original
  const isKnown = (key: string): boolean =>
    isPlainKey(key) || key === 'tlsClientCertKey' || loginKeysIn({ [key]: '' }).length > 0
  if (!PLAIN_TYPES.has(type) || !Object.keys(data).every(isKnown)) return undefined
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, labels, annotations }, type, data }
}

/** Types of Secrets that hold what their author wrote; Kubernetes fills others with tokens of its own. */
const PLAIN_TYPES: ReadonlySet<string> = new Set([
  'Opaque',
  'kubernetes.io/basic-auth',
  'kubernetes.io/ssh-auth'
])

/**
 * What a Secret is, compared with its backup. `original`: with its credentials, as kept. `switched`: without them.
 * `unnamed`: without them, but it names another backup, or none: this one is older, or was not made by Patless. `other`:
 * somebody else wrote something else into it. `gone`: deleted, or made anew.
 */
export type Stage = 'original' | 'switched' | 'unnamed' | 'other' | 'gone'

export function stageOf(
  { name, version, of, original }: Pick<Backup, 'name' | 'version' | 'of' | 'original'>,
  live: V1Secret | undefined
): Stage {
  if (!live || live.metadata?.uid !== of.uid) return 'gone'
  const now = originalOf(live)
  const removed = loginKeysIn(original.data)
  const same = (key: string): boolean => now.data[key] === original.data[key]
  if (!['url', 'project'].every(same) || now.labels[TYPE_LABEL] !== original.labels[TYPE_LABEL])
    return 'other'
  if ([...removed, FLAG].every(same)) return 'original'
  const flag = Buffer.from(now.data[FLAG] ?? '', 'base64').toString('utf8')
  if (!isTrue(flag) || loginKeysIn(now.data).length > 0) return 'other'
  const mark = markIn(now.annotations)
  return mark?.backup === name && mark.uid === version.uid ? 'switched' : 'unnamed'
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
