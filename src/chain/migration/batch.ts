/**
 * Migrates one batch: each Secret is backed up, the backups are read back, the Secrets are switched, Argo CD confirms, and
 * what it does not confirm is put back. No Secret of a batch decides about another one.
 */
import type { Backup } from '../../argocd/migration/backup.ts'
import { servedBy } from '../../argocd/migration/users.ts'
import { explain } from '../../diagnosis/explain.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { Problem, type FindingFacts } from '../../core/finding.ts'
import { Cancelled } from '../../http/errors.ts'
import type { RetryPolicy } from '../../http/retry.ts'
import type { MoveState, MoveStep } from '../../engine/moves.ts'
import type { Services } from '../../services/services.ts'
import type { Backups } from './backups.ts'
import { ANY_COMMIT } from '../verifications/unread.ts'
import { assertNoWorse, confirmReads, type Asking } from './confirm.ts'
import type { MigrationLease } from './lease.ts'
import { look, type Look } from './look.ts'
import type { Move } from '../../argocd/migration/plan.ts'

import { putBack, switchSecret } from './switching.ts'

export interface Migrating {
  readonly services: Services
  readonly asking: Asking
  readonly backups: Backups
  readonly lease: Pick<MigrationLease, 'assertHeld'>
  /** For the confirmation of one batch. */
  readonly policy: () => RetryPolicy
  readonly step: (secret: string, step: MoveStep['step'], text: string) => void
}

export interface Ended {
  readonly state: MoveState
  readonly problem?: FindingFacts
}

/** A Secret without its credentials, which are in the backup. */
export interface Switched {
  readonly move: Pick<Move, 'secret' | 'urls'>
  readonly backup: Backup
}

/** @returns what became of each, by name of the Secret. @throws {Cancelled} and what ends the whole run */
export async function migrateBatch(moves: readonly Move[], context: Migrating): Promise<Map<string, Ended>> {
  const { services, asking, backups, lease, step } = context
  const ended = new Map<string, Ended>()
  const before = await look(asking.place, services)
  await lease.assertHeld()
  const present = moves.flatMap(({ secret }) => before.secrets.get(secret) ?? [])
  const taken = await backups.take(present)
  const switched = await mapBounded(moves, async (move): Promise<Switched[]> => {
    const backup = taken.get(move.secret)
    try {
      if (backup instanceof Problem) throw backup
      if (!backup) throw new Problem(vanished(move.secret))
      step(move.secret, 'backed up', `the backup ${backup.name} was read back`)
      await lease.assertHeld()
      const kept = await switchSecret(move, backup, before, backups, asking.place, services)
      step(move.secret, 'switched', `waiting for Argo CD to read ${urlsOf(move)} without the credential`)
      return [{ move, backup: kept }]
    } catch (error) {
      const why = await explain(reasonToFail(error))
      ended.set(move.secret, end(context, move.secret, 'failed', why))
      return []
    }
  })
  for (const [secret, one] of await confirmSwitched(switched.flat(), before, context)) ended.set(secret, one)
  return ended
}

/**
 * Confirms Secrets that are switched, or puts them back.
 *
 * @param before how the Applications were before the switch
 */
export async function confirmSwitched(
  switched: readonly Switched[],
  before: Look,
  context: Migrating
): Promise<Map<string, Ended>> {
  const { services, asking, backups, policy } = context
  if (switched.length === 0) return new Map()
  const now = await look(asking.place, services)
  // How the Applications were before is what a refresh is compared with.
  const seen = { ...now, applications: before.applications }
  const asked = await mapBounded(switched, async ({ move }) => {
    try {
      await confirmReads(move, seen, true, asking, services, policy())
      return undefined
    } catch (error) {
      return reasonToFail(error)
    }
  })
  const after = await look(asking.place, services)
  const ends = await mapBounded([...switched.entries()], async ([at, { move, backup }]) => {
    try {
      if (asked[at]) throw asked[at]
      assertNoWorse(move.secret, before, after)
      await backups.confirm(backup)
      return [
        move.secret,
        end(context, move.secret, 'migrated', 'Argo CD reads without the credential')
      ] as const
    } catch (error) {
      return [move.secret, await rollBack({ move, backup }, reasonToFail(error), context)] as const
    }
  })
  return new Map(ends)
}

/** Puts the credentials back and confirms that, too; the backup is deleted only then. */
export async function rollBack(
  { move, backup }: Switched,
  cause: Problem | undefined,
  context: Migrating,
  missing: 'leave' | 'recreate' = 'leave'
): Promise<Ended> {
  const { services, asking, backups, policy, step, lease } = context
  const { secret } = move
  const why = cause && (await explain(cause))
  step(secret, 'putting back', why?.summary ?? 'as requested')
  try {
    await lease.assertHeld()
    await putBack(backup, asking.place, services, { missing })
  } catch (error) {
    return end(context, secret, 'failed', await explain(reasonToFail(error)))
  }
  const seen = await look(asking.place, services)
  // A Secret that was gone served nobody until now.
  const { urls } = move.urls.length > 0 ? move : servedBy(secret, seen.entries, seen.applications)
  try {
    await confirmReads({ secret, urls }, seen, false, { ...asking, reading: ANY_COMMIT }, services, policy())
  } catch (error) {
    const { summary } = await explain(reasonToFail(error))
    return end(context, secret, 'rolled-back', unconfirmed(secret, backup.name, why, summary))
  }
  await backups.delete(backup)
  return end(context, secret, 'rolled-back', why)
}

function end(
  { step }: Migrating,
  secret: string,
  state: MoveState,
  why: FindingFacts | string | undefined
): Ended {
  const problem = typeof why === 'string' ? undefined : why
  step(secret, state, typeof why === 'string' ? why : (why?.summary ?? ''))
  return problem ? { state, problem } : { state }
}

/** A cancelled run stops where it is: the next one sees the backups. */
function reasonToFail(error: unknown): Problem {
  if (!(error instanceof Problem) || error instanceof Cancelled) throw error
  return error
}

function urlsOf({ urls }: Pick<Move, 'urls'>): string {
  return urls.length === 1 ? (urls[0] ?? '') : `${urls.length} repositories`
}

function vanished(secret: string): FindingFacts {
  return {
    id: 'migration/changed-meanwhile',
    summary: `The Secret ${secret} is gone since it was planned, so it was not switched.`,
    remedy: 'run again: it is then decided anew'
  }
}

function unconfirmed(
  secret: string,
  backup: string,
  why: FindingFacts | undefined,
  summary: string
): FindingFacts {
  return {
    id: 'migration/rollback-not-confirmed',
    summary: `The credentials are back in the Secret ${secret}, but Argo CD did not confirm that it reads with them: ${summary}${why ? ` They were put back because: ${why.summary}` : ''}`,
    remedy: `see whether Argo CD works at all, then run again; the backup ${backup} stays until then`
  }
}
