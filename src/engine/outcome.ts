/** The words of a run: what was found of each resource, what was done, and what the whole came to. */
import type { Finding, FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'

export const RESULTS = [
  'unchanged',
  'created',
  'updated',
  'removed',
  'drifted',
  'missing',
  'unknown',
  'failed',
  'skipped'
] as const
export type Result = (typeof RESULTS)[number]

/** One field that differs from its specification. */
export interface Difference {
  readonly field: string
  readonly expected: string
  /** undefined: it is not there at all. */
  readonly actual: string | undefined
  /** Set when apply may not write it by itself: the reason and what the user has to do. */
  readonly blocked?: FindingFacts
}

export interface ResourceOutcome {
  readonly resource: ResourceKind
  readonly result: Result
  readonly differences: readonly Difference[]
  /** One line of fact, e.g. the client id. */
  readonly summary?: string
  /** Why it failed, or what it waits for. */
  readonly problem?: FindingFacts
  /** What somebody should know, though it stops nothing. */
  readonly findings: readonly Finding[]
  /** ms since the run began. */
  readonly start: number
  readonly end: number
}

export const VERIFICATION_RESULTS = ['verified', 'failed', 'inconclusive', 'skipped'] as const
export type VerificationResult = (typeof VERIFICATION_RESULTS)[number]

/** `access`: with the repo-server's own token, by this run. `argocd`: by Argo CD itself. */
export type VerificationName = 'access' | 'argocd'

/** What a verification says of one repository. */
export interface RepositoryOutcome {
  readonly result: VerificationResult
  readonly problem?: FindingFacts
}

export interface VerificationOutcome {
  readonly result: VerificationResult
  readonly reason: string
  /** What was read: URL → commit. */
  readonly commits: Readonly<Record<string, string>>
  /** By URL, where it came so far as to look at each. */
  readonly repositories?: Readonly<Record<string, RepositoryOutcome>>
  /** Why it failed for all of them. */
  readonly problem?: FindingFacts
  /** What somebody should know, though it speaks neither for nor against. */
  readonly findings?: readonly Finding[]
  readonly start: number
  readonly end: number
}

/** What later steps need, known as far as the chain exists. */
export interface ChainOutputs {
  readonly clientId?: string
  readonly principalId?: string
  readonly tenantId?: string
  readonly identityId?: string
  readonly issuerUrl?: string
  readonly subject?: string
}

export interface Outcome {
  readonly mode: 'apply' | 'check' | 'remove' | 'dry-run'
  /** In the order of the chain. */
  readonly resources: readonly ResourceOutcome[]
  /** What all verifications together come to. */
  readonly verification: VerificationOutcome
  readonly verifications: Readonly<Partial<Record<VerificationName, VerificationOutcome>>>
  readonly outputs: ChainOutputs
  readonly changed: boolean
  readonly drift: boolean
  /** Failures that belong to no resource: a missing right, a login. */
  readonly problems: readonly FindingFacts[]
}
