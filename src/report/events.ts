/** Events of a run while it is in progress. Each host renders them in its own way. */
import type { Finding } from '../core/finding.ts'
import type { MoveStep } from '../engine/moves.ts'
import type { ResourceOutcome, VerificationOutcome } from '../engine/outcome.ts'
import type { Plan } from '../engine/plan.ts'

export type RunEvent =
  /** A fact, such as a derived input or the login in use. */
  | { readonly kind: 'info'; readonly text: string }
  | { readonly kind: 'debug'; readonly text: string }
  /** What the run is waiting for. */
  | { readonly kind: 'progress'; readonly text: string }
  /** Needs action, but does not fail the run. */
  | { readonly kind: 'warning'; readonly finding: Finding }
  | { readonly kind: 'resource'; readonly outcome: ResourceOutcome }
  /** One Secret came a step further. */
  | { readonly kind: 'move'; readonly step: MoveStep }
  /** What a dry run found that apply or remove would do. */
  | { readonly kind: 'plan'; readonly plan: Plan }
  /** The combined result of the verifications. */
  | { readonly kind: 'verification'; readonly outcome: VerificationOutcome }

/** Phases of a run, with their headings in the log. */
export const PHASES = {
  login: 'Inputs and login',
  read: 'Read the chain',
  rights: 'Check permissions for the changes',
  write: 'Apply and verify',
  verify: 'Verify',
  remove: 'Remove',
  audit: 'Find stored credentials',
  migrate: 'Move the Secrets, batch by batch',
  recover: 'Finish what a killed migration began, or put it back',
  rollback: 'Put credentials back',
  issue: 'Block for an issue',
  query: 'Ask Azure Resource Graph for the targets',
  targets: 'Targets, several at a time'
} as const

export type PhaseId = keyof typeof PHASES

export interface Reporter {
  on(event: RunEvent): void
  /** Groups everything that is reported until `work` ends. */
  phase<T>(id: PhaseId, work: () => Promise<T>): Promise<T>
}
