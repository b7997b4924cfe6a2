/**
 * The backup of a Secret whose credentials a migration takes out: the whole Secret in another one, which Argo CD ignores
 * because it has no label of Argo CD. All functions are pure. Values of credentials pass through here; nothing here is
 * printed.
 */
import { createHash } from 'node:crypto'
import type { V1Secret } from '@kubernetes/client-node'
import * as z from 'zod/mini'
import { jsonOf } from '../../http/request.ts'
import { marksOf, type Version } from '../../services/kubernetes/marks.ts'
import { MANAGED_BY } from '../managers.ts'
import { TYPE_LABEL } from '../secrets.ts'
import { loginKeysIn } from './login-keys.ts'

export const BACKUP_LABEL = 'patless/backup'
const BACKUP_LABELS = { [MANAGED_BY]: 'patless', [BACKUP_LABEL]: 'true' } as const
/** Selects backups, in a list of Secrets. */
export const BACKUPS = Object.entries(BACKUP_LABELS)
  .map((pair) => pair.join('='))
  .join(',')
/** Annotation: what it is a backup of, as JSON. */
const OF = 'patless/backup-of'
/** Annotation: when Argo CD was seen to read without the credentials. Absent: the migration of the Secret is unfinished. */
export const CONFIRMED = 'patless/confirmed'
/** The key with the original. To restore by hand: `kubectl get secret … -o jsonpath … | base64 -d | kubectl apply -f -`. */
export const ORIGINAL = 'original.json'

const words = z.optional(z.record(z.string(), z.string()))
const originalShape = z.looseObject({
  metadata: z.looseObject({ name: z.string(), labels: words, annotations: words }),
  type: z.optional(z.string()),
  data: z.record(z.string(), z.string())
})
const ofShape = z.object({
  secret: z.string().check(z.regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/)),
  uid: z.string(),
  version: z.string(),
  at: z.iso.datetime(),
  /** Days for which it stays once it is confirmed. */
  days: z.number().check(z.minimum(0), z.maximum(365))
})
/** Of clocks of different machines, in ms. */
const SKEW = 300_000
/** In ms. */
const DAY = 86_400_000

/** The Secret as it was: base64 values, as the API has them. */
export interface Original {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly type: string
  readonly data: Readonly<Record<string, string>>
}

export interface Backup {
  readonly name: string
  readonly version: Version
  /** Name of the Secret that it is a backup of. */
  readonly secret: string
  /** The version of it that was kept. */
  readonly of: Version
  /** ms since the epoch. */
  readonly takenAt: number
  readonly confirmedAt: number | undefined
  /** How long it stays after that, in ms. */
  readonly retention: number
  readonly kind: 'repository' | 'template'
  readonly original: Original
}

export function originalOf({ metadata, type = 'Opaque', data = {} }: V1Secret): Original {
  return { labels: metadata?.labels ?? {}, annotations: metadata?.annotations ?? {}, type, data }
}

/** One per version of a Secret, so that taking it twice is taking it once. */
export function backupName(secret: string, { uid, resourceVersion }: Version): string {
  const hash = createHash('sha256').update(`${uid} ${resourceVersion}`).digest('hex').slice(0, 8)
  return `patless-backup-${secret.slice(0, 200).replace(/[^a-z0-9]+$/, '')}-${hash}`
}

/**
 * Kubernetes refuses to change the data of an immutable Secret, so what has its uid has its content.
 *
 * @param at ms since the epoch. @param retention in ms
 */
export function backupOf(secret: V1Secret, at: number, retention: number): V1Secret {
  const { name, version } = marksOf(secret.metadata)
  const { labels, annotations, type, data } = originalOf(secret)
  const original = { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels, annotations }, type, data }
  const of = {
    secret: name,
    uid: version.uid,
    version: version.resourceVersion,
    at: new Date(at).toISOString(),
    days: retention / DAY
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: backupName(name, version),
      labels: BACKUP_LABELS,
      annotations: { [OF]: JSON.stringify(of) }
    },
    type: 'Opaque',
    immutable: true,
    data: { [ORIGINAL]: Buffer.from(JSON.stringify(original)).toString('base64') }
  }
}

/**
 * @param now ms since the epoch
 * @returns undefined for a Secret that Patless did not write as a backup: anybody who may create Secrets can set the
 *   labels, so name and content have to agree. Whether anything is put back from it, the mark on the other Secret decides.
 */
export function readBackup(secret: V1Secret, now = Date.now()): Backup | undefined {
  const { name, labels, annotations, version, owners, created } = marksOf(secret.metadata)
  const of = ofShape.safeParse(jsonOf(annotations[OF] ?? ''))
  const text = Buffer.from(secret.data?.[ORIGINAL] ?? '', 'base64').toString('utf8')
  const original = originalShape.safeParse(jsonOf(text))
  if (!of.success || !original.success || owners.length > 0 || secret.immutable !== true) return undefined
  if (Object.entries(BACKUP_LABELS).some(([key, value]) => labels[key] !== value)) return undefined
  const kept = { uid: of.data.uid, resourceVersion: of.data.version }
  const { metadata, type = 'Opaque', data } = original.data
  if (name !== backupName(of.data.secret, kept) || metadata.name !== of.data.secret) return undefined
  const kind = KINDS[metadata.labels?.[TYPE_LABEL] ?? '']
  if (kind === undefined || loginKeysIn(data).length === 0) return undefined
  // The API server's own record, where there is one.
  const takenAt = Number.isNaN(created) ? Date.parse(of.data.at) : created
  const confirmed = Date.parse(annotations[CONFIRMED] ?? '')
  // A time that cannot be is none: Argo CD is then asked once more.
  const possible = confirmed >= takenAt - SKEW && confirmed <= now + SKEW
  return {
    name,
    version,
    secret: of.data.secret,
    of: kept,
    takenAt,
    confirmedAt: possible ? confirmed : undefined,
    retention: of.data.days * DAY,
    kind,
    original: { labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {}, type, data }
  }
}

/** Only Secrets with which Argo CD reads are moved. */
const KINDS: Readonly<Partial<Record<string, Backup['kind']>>> = {
  repository: 'repository',
  'repo-creds': 'template'
}
