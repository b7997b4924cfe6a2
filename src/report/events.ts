/** What a run reports while it goes on. Each host renders it in its own way. */
import type { Finding } from '../core/finding.ts'
import type { ResourceOutcome, VerificationOutcome } from '../engine/outcome.ts'

export type RunEvent =
  /** A fact: what was derived from the inputs, which login is used. */
  | { readonly kind: 'info'; readonly text: string }
  | { readonly kind: 'debug'; readonly text: string }
  /** What the run waits for. */
  | { readonly kind: 'progress'; readonly text: string }
  /** Something to act on that fails nothing. */
  | { readonly kind: 'warning'; readonly finding: Finding }
  | { readonly kind: 'resource'; readonly outcome: ResourceOutcome }
  /** What the verifications together come to. */
  | { readonly kind: 'verification'; readonly outcome: VerificationOutcome }

/** Phases of a run, and how a log calls them. */
export const PHASES = {
  login: 'Inputs and login',
  read: 'Read the chain',
  rights: 'Check the rights for what is to be written',
  write: 'Apply and verify',
  verify: 'Verify',
  remove: 'Remove'
} as const

export type PhaseId = keyof typeof PHASES

export interface Reporter {
  on(event: RunEvent): void
  /** Everything until `work` ends belongs together. */
  phase<T>(id: PhaseId, work: () => Promise<T>): Promise<T>
}
