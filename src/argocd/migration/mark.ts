/**
 * The mark on a Secret whose credentials a migration took out: which backup has them, so that nothing is put back from
 * any other, and what is worth knowing about the credential afterwards. It holds no credential. Pure.
 */
import * as z from 'zod/mini'
import type { V1Secret } from '@kubernetes/client-node'
import { toSafeLine } from '../../core/safe-text.ts'
import { jsonOf } from '../../http/request.ts'
import { changedAt } from '../../services/kubernetes/changed.ts'
import { marksOf } from '../../services/kubernetes/marks.ts'
import { textOf } from '../inventory/from-secrets.ts'
import { shownUser } from '../inventory/shown.ts'
import type { Backup } from './backup.ts'
import { loginKeysIn } from './login-keys.ts'

/** Annotation, as JSON. */
export const MIGRATED = 'patless/migrated'

const text = z.string().check(z.maxLength(400))
const shape = z.object({
  backup: text,
  /** Of the backup. */
  uid: text,
  at: z.iso.datetime(),
  keys: z.array(text).check(z.maxLength(20)),
  user: z.optional(text),
  since: z.optional(z.iso.datetime()),
  shared: z.array(text).check(z.maxLength(20))
})

export interface Mark {
  /** Name and uid of the backup. */
  readonly backup: string
  readonly uid: string
  /** When the credentials were taken out, in ms since the epoch. */
  readonly at: number
  /** Names of the keys that were taken out. */
  readonly keys: readonly string[]
  /** The user name beside the credential. */
  readonly user: string | undefined
  /** When the Secret had last changed before, in ms since the epoch. */
  readonly since: number | undefined
  /** Objects that held the same credential then, as `kind namespace/name`; of very many, the first. */
  readonly shared: readonly string[]
}

/** @param shared objects that hold the same credential. @param at ms since the epoch */
export function markOf(
  secret: V1Secret,
  { name, version }: Pick<Backup, 'name' | 'version'>,
  shared: readonly string[],
  at: number
): Readonly<Record<string, string>> {
  const keys = loginKeysIn(secret.data ?? {})
  const { created } = marksOf(secret.metadata)
  const since = changedAt(secret.metadata) ?? created
  // A user name without a password may be the credential itself.
  const user = keys.includes('password') ? shownUser(textOf(secret, 'username')) : undefined
  const mark: z.infer<typeof shape> = {
    backup: name,
    uid: version.uid,
    at: new Date(at).toISOString(),
    keys,
    ...(user !== undefined && { user }),
    ...(Number.isFinite(since) && { since: new Date(since).toISOString() }),
    shared: shared.slice(0, 20)
  }
  return { [MIGRATED]: JSON.stringify(mark) }
}

/** undefined when there is none, or none that Patless writes. Who may write the Secret may have written it. */
export function markIn(annotations: Readonly<Record<string, string>>): Mark | undefined {
  const read = shape.safeParse(jsonOf(annotations[MIGRATED] ?? ''))
  if (!read.success) return undefined
  const { backup, uid, at, keys, user = '', since, shared } = read.data
  return {
    backup,
    uid,
    at: Date.parse(at),
    keys: loginKeysIn(Object.fromEntries(keys.map((key) => [key, true]))),
    user: shownUser(user),
    since: since === undefined ? undefined : Date.parse(since),
    shared: shared.map((one) => toSafeLine(one, 400))
  }
}
