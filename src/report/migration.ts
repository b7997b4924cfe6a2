/** The part of a report about Secrets that were moved: one entry per stored credential, and what can be revoked now. */
import type { FindingId } from '../core/finding-titles.ts'
import type { Migration, MoveOutcome, UnusedCredential } from '../engine/moves.ts'

export interface ReportedMove extends Omit<MoveOutcome, 'problem' | 'batch' | 'users'> {
  readonly users?: number
  readonly batch?: number
  /** The finding that says why it is not migrated. */
  readonly problem?: FindingId
}

export interface ReportedMigration extends Pick<Migration, 'before' | 'after'> {
  readonly moves: readonly ReportedMove[]
  readonly unused: readonly ReportedUnused[]
}

export interface ReportedUnused extends Pick<UnusedCredential, 'held' | 'still' | 'where'> {
  readonly user?: string
  readonly since?: string
}

export function migrationOf({ moves, before, after, unused }: Migration): ReportedMigration {
  return {
    before,
    after,
    moves: moves.map(({ users, batch, problem, ...one }) => ({
      ...one,
      ...(users !== undefined && { users }),
      ...(batch !== undefined && { batch }),
      ...(problem && { problem: problem.id })
    })),
    unused: unused.map(({ held, still, user, since, where }) => ({
      held,
      still,
      where,
      ...(user !== undefined && { user }),
      ...(since !== undefined && { since })
    }))
  }
}
