/** Objects that a run changes one by one, with a way back for each: what became of each, and the steps on the way. */
import type { FindingFacts } from '../core/finding.ts'

/**
 * `migrated`: seen to work as it is now. `rolled-back`: it was not, and is as it was before. `failed`: it could not be
 * changed, or not put back; nothing is lost. `waits`: it could be changed, but something is in the way. `stays`: it must
 * stay as it is. `open`: the run ended before its turn, or only rehearsed.
 */
export const MOVE_STATES = ['migrated', 'rolled-back', 'failed', 'waits', 'stays', 'open'] as const
export type MoveState = (typeof MOVE_STATES)[number]

export interface MoveOutcome {
  readonly name: string
  readonly kind: string
  readonly url: string
  readonly state: MoveState
  /** How many others use it; undefined: not known. */
  readonly users: number | undefined
  /** From 1, which is the canary; undefined: none is planned. */
  readonly batch: number | undefined
  /** Why it is not migrated. */
  readonly problem?: FindingFacts
  /** ms since the run began. */
  readonly start: number
  readonly end: number
}

/** A step of one object, while the run is in progress. */
export interface MoveStep {
  readonly name: string
  readonly step: 'backed up' | 'switched' | 'putting back' | MoveState
  readonly batch: number
  readonly batches: number
  /** What it waits for, or why it ended so. */
  readonly text: string
  /** ms since the run began. */
  readonly at: number
}

export interface Migration {
  readonly moves: readonly MoveOutcome[]
  /** Stored credentials before and after the run. */
  readonly before: number
  readonly after: number
  /** Credentials that are no longer used by what was migrated. */
  readonly unused: readonly UnusedCredential[]
}

export interface UnusedCredential {
  /** The objects that held it. */
  readonly held: readonly string[]
  /** Those that hold the same one and still need it. */
  readonly still: readonly string[]
  /** The user name beside it. */
  readonly user: string | undefined
  /** YYYY-MM-DD; undefined where nobody recorded it. */
  readonly since: string | undefined
  /** YYYY-MM-DD, where an earlier run took it out. */
  readonly until?: string
  /** Where it is revoked, and by whom. */
  readonly where: string
}
