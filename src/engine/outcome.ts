/** The words of a run: what a hop found, what it did, and what the whole came to. */
import type { ProblemFacts } from '../core/problem.ts'

export const HOPS = [
  'cluster',
  'identity',
  'argocd',
  'federated-credential',
  'entitlement',
  'permission',
  'workload',
  'connection',
  'application'
] as const
export type HopName = (typeof HOPS)[number]

export type Result =
  'unchanged' | 'created' | 'updated' | 'removed' | 'drifted' | 'missing' | 'unknown' | 'failed' | 'skipped'

/** One field that differs. */
export interface Change {
  readonly field: string
  readonly expected: string
  /** undefined: it is not there at all. */
  readonly found: string | undefined
  /** Set when apply may not mend it by itself: the reason and what the user has to do. */
  readonly blocked?: ProblemFacts
}

export interface HopOutcome {
  readonly hop: HopName
  readonly result: Result
  readonly changes: readonly Change[]
  /** One line of fact, e.g. the client id. */
  readonly summary?: string
  readonly problem?: ProblemFacts
  /** What somebody should know, though it stops nothing. */
  readonly notes: readonly ProblemFacts[]
  /** ms since the run began. */
  readonly start: number
  readonly end: number
}

export type Verification = 'verified' | 'failed' | 'inconclusive' | 'skipped'

/** `access`: with the repo-server's own token, by this run. `argocd`: by Argo CD itself. */
export type ProofName = 'access' | 'argocd'

export interface ProofOutcome {
  readonly verification: Verification
  readonly reason: string
  /** What was read: URL → commit. */
  readonly commits: Readonly<Record<string, string>>
  readonly problem?: ProblemFacts
  /** What somebody should know, though it speaks neither for nor against. */
  readonly notes?: readonly ProblemFacts[]
  readonly start: number
  readonly end: number
}

/** What later steps need, known as far as the chain exists. */
export interface Facts {
  readonly clientId?: string
  readonly principalId?: string
  readonly tenantId?: string
  readonly identityId?: string
  readonly issuerUrl?: string
  readonly subject?: string
}

export interface Outcome {
  readonly mode: 'apply' | 'check' | 'remove' | 'dry-run'
  readonly hops: readonly HopOutcome[]
  /** What all proofs together come to. */
  readonly proof: ProofOutcome
  readonly proofs: Readonly<Partial<Record<ProofName, ProofOutcome>>>
  readonly facts: Facts
  readonly changed: boolean
  readonly drift: boolean
  /** Failures that belong to no hop: a missing right, a login. */
  readonly problems: readonly ProblemFacts[]
}
