/** The outcome of a run: what was found and done for each resource, the verifications, and the overall result. */
import type { Finding, FindingFacts } from '../core/finding.ts'
import type { FindingId, ResourceKind } from '../core/finding-titles.ts'
import type { Migration } from './moves.ts'
import type { Plan } from './plan.ts'

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
  /** undefined: the field does not exist. */
  readonly actual: string | undefined
  /** Set when apply must not fix this: the reason and what the user has to do. */
  readonly blocked?: FindingFacts
}

export interface ResourceOutcome {
  readonly resource: ResourceKind
  /** Which one, where the run has several of this kind. */
  readonly of?: string
  readonly result: Result
  readonly differences: readonly Difference[]
  /** One line of fact, e.g. the client id. */
  readonly summary?: string
  /** Why it failed, or which dependency is missing. */
  readonly problem?: FindingFacts
  /** Worth reporting, although they do not stop the run. */
  readonly findings: readonly Finding[]
  /** ms since the run began. */
  readonly start: number
  readonly end: number
}

/** Whether it failed, differs where nothing is written, or waits for somebody to make room for it. */
export function isWrong(
  { result, differences }: Pick<ResourceOutcome, 'result' | 'differences'>,
  mode: Outcome['mode']
): boolean {
  return (
    result === 'failed' ||
    (mode === 'check' && (result === 'drifted' || result === 'missing')) ||
    differences.some(({ blocked }) => blocked)
  )
}

/** The name of a resource in texts, unique in a run. */
export function nameOf({ resource, of }: Pick<ResourceOutcome, 'resource' | 'of'>): string {
  return of === undefined ? resource : `${resource} of ${of}`
}

export const VERIFICATION_RESULTS = ['verified', 'failed', 'inconclusive', 'skipped'] as const
export type VerificationResult = (typeof VERIFICATION_RESULTS)[number]

/** `access`: with the repo-server's own token, by this run. `argocd`: by Argo CD itself. `charts`: from registries, by this run. */
export const VERIFICATION_NAMES = ['access', 'argocd', 'charts'] as const
export type VerificationName = (typeof VERIFICATION_NAMES)[number]

/** What a verification says of one repository. */
export interface RepositoryOutcome {
  readonly result: VerificationResult
  readonly problem?: FindingFacts
}

export interface VerificationOutcome {
  readonly result: VerificationResult
  readonly reason: string
  /** The commit that was read, by URL. */
  readonly commits: Readonly<Record<string, string>>
  /** By URL, where it came so far as to look at each. */
  readonly repositories?: Readonly<Record<string, RepositoryOutcome>>
  /** Why it failed for all of them. */
  readonly problem?: FindingFacts
  /** Worth reporting, although they do not decide the result. */
  readonly findings?: readonly Finding[]
  readonly start: number
  readonly end: number
}

/** For later steps; a value is known once its resource exists. */
export interface ChainOutputs {
  readonly clientId?: string
  readonly principalId?: string
  readonly tenantId?: string
  readonly identityId?: string
  readonly issuerUrl?: string
  readonly subject?: string
}

/** A cause that the diagnosis names. */
export interface Diagnosed {
  /** Its place in the chain; the name of a resource, where it is one. */
  readonly link: string
  readonly finding: Finding
  /** Findings that are its consequences. */
  readonly explains: readonly FindingId[]
}

export interface Outcome {
  readonly mode: 'apply' | 'check' | 'remove' | 'audit' | 'migrate' | 'rollback' | 'export' | 'dry-run'
  /** In the order of the chain. */
  readonly resources: readonly ResourceOutcome[]
  /** The combined result of all verifications. */
  readonly verification: VerificationOutcome
  readonly verifications: Readonly<Partial<Record<VerificationName, VerificationOutcome>>>
  readonly outputs: ChainOutputs
  readonly changed: boolean
  readonly drift: boolean
  /** What a dry run found that apply or remove would do. */
  readonly plan?: Plan
  /** Failures that belong to no resource: a missing permission, a login. */
  readonly problems: readonly FindingFacts[]
  /** What the evidence shows to be wrong, the earliest place of the chain first; absent: nothing called for it. */
  readonly diagnosis?: readonly Diagnosed[]
  /** Evidence that could not be read. */
  readonly notRead?: readonly Finding[]
  /** What belongs to no resource, and does not stop the run. */
  readonly findings?: readonly Finding[]
  /** What became of each stored credential, in the modes that move them. */
  readonly migration?: Migration
  /** Where the run ended, when it was before the first read. */
  readonly endedAt?: 'login' | 'audit'
}
