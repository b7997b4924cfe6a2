/** The report of a run, from which outputs, summary and JSON are made. Its schema: docs/report.schema.json. */
import type { Finding } from '../core/finding.ts'
import type { FindingId } from '../core/finding-titles.ts'
import type { Desired } from '../config/desired.ts'
import type { OutputName } from '../config/outputs.ts'
import type {
  Outcome,
  ResourceOutcome,
  VerificationName,
  VerificationOutcome,
  VerificationResult
} from '../engine/outcome.ts'
import type { Plan } from '../engine/plan.ts'
import { findingsOf, type PlacedFinding } from './findings.ts'
import { migrationOf, type ReportedMigration } from './migration.ts'
import type { FleetPlan } from './fleet-plan.ts'
import { outputsOf } from './outputs.ts'
import type { ReportedCredential } from './stored-credentials.ts'
import { verdictOf, verdictOfAudit, type Verdict } from './verdict.ts'

export const REPORT_VERSION = '2.0'

/** A resource without its findings, which are all in one list. */
export interface ReportedResource extends Pick<ResourceOutcome, 'resource' | 'result' | 'start' | 'end'> {
  /** Where the run has several organizations: the one that it belongs to. */
  readonly organization?: string
  /** One line of fact, or why there is none. */
  readonly summary?: string
  readonly differences: readonly {
    readonly field: string
    readonly expected: string
    /** undefined: the field does not exist. */
    readonly actual: string | undefined
    /** The finding that explains why apply does not fix it. */
    readonly blocked?: FindingId
  }[]
}

export type ReportedVerification = Pick<VerificationOutcome, 'result' | 'reason' | 'start' | 'end'>

export interface ReportedRepository {
  readonly url: string
  /** By verification; absent when it was not requested. */
  readonly verifications: Readonly<
    Partial<Record<VerificationName, { readonly result: VerificationResult; readonly commit?: string }>>
  >
}

export interface Report {
  readonly version: typeof REPORT_VERSION
  readonly mode: Outcome['mode'] | 'diagnose' | 'plan' | 'summarize'
  /** ISO 8601 */
  readonly startedAt: string
  readonly durationMs: number
  readonly target: {
    /** Where it is one of many: its name in the file of targets. */
    readonly name?: string
    /** Digest of all targets of that file. */
    readonly plan?: string
    /** Empty for several targets. */
    readonly cluster: string
    /** Absent in an audit. */
    readonly identity?: string
    readonly organizations: readonly string[]
    readonly repositories: readonly string[]
  }
  readonly login: string
  /** In the order of the chain. */
  readonly resources: readonly ReportedResource[]
  /** The combined result of the verifications. */
  readonly verification: ReportedVerification
  readonly verifications: Readonly<Partial<Record<VerificationName, ReportedVerification>>>
  readonly repositories: readonly ReportedRepository[]
  /** In the modes that move Secrets. */
  readonly migration?: ReportedMigration
  /** By Argo CD, kind and place; absent: this mode looks for none. */
  readonly storedCredentials?: readonly ReportedCredential[]
  /** Errors, then warnings, then notes. */
  readonly findings: readonly PlacedFinding[]
  /** Of a dry run. */
  readonly plan?: Plan
  /** Of an export: the text of each file. */
  readonly exports?: Exports
  /** Of a diagnosis: a block to paste into an issue. */
  readonly issue?: string
  /** Of `mode: plan`. */
  readonly fleet?: FleetPlan
  /** Of several targets: the report of each, as far as a summary needs it. */
  readonly runs?: readonly Report[]
  /** Of several targets: the names of those that left no report. */
  readonly silent?: readonly string[]
  readonly verdict: Verdict
  readonly outputs: Readonly<Record<OutputName, string>>
}

/** Files of an export, by name. */
export type Exports = Readonly<Record<'main.bicep' | 'main.tf' | 'export.sh', string>>

/** What a mode ends with. */
export interface Ended {
  readonly outcome: Outcome
  /** Those that belong to no resource. */
  readonly findings?: readonly Finding[]
  readonly storedCredentials?: readonly ReportedCredential[]
  readonly exports?: Exports
}

/** @param run `findings`: those that belong to no resource, for example about the login */
export function reportOf(
  { outcome, findings: own = [], storedCredentials, exports }: Ended,
  desired: Desired,
  run: { startedAt: number; login: string; path: string; findings: readonly Finding[] }
): Report {
  const { mode, resources, verification, verifications } = outcome
  const fails = desired.mode === 'audit' || desired.failOnDrift
  const findings = findingsOf(outcome, fails, [...run.findings, ...own])
  const repositories = desired.mode === 'audit' ? [] : desired.repositories.map(({ url }) => url)
  return {
    version: REPORT_VERSION,
    mode: desired.mode === 'diagnose' ? 'diagnose' : mode,
    startedAt: new Date(run.startedAt).toISOString(),
    durationMs: Date.now() - run.startedAt,
    target: {
      ...desired.target,
      cluster: desired.cluster.name,
      ...(desired.mode !== 'audit' && { identity: desired.identity.name }),
      organizations: desired.mode === 'audit' ? [] : desired.organizations.map(({ name }) => name),
      repositories
    },
    login: run.login,
    resources: resources.map(resourceOf),
    verification: verificationOf(verification),
    verifications: mapValues(verifications, verificationOf),
    repositories: repositoriesOf(repositories, verifications),
    ...(outcome.migration && { migration: migrationOf(outcome.migration) }),
    ...(storedCredentials && { storedCredentials }),
    findings,
    ...(outcome.plan && { plan: outcome.plan }),
    ...(exports && { exports }),
    verdict: storedCredentials
      ? verdictOfAudit(outcome, findings, storedCredentials)
      : verdictOf(outcome, findings, fails),
    outputs: outputsOf(outcome, findings, storedCredentials, run.path)
  }
}

/** Those of git, then those of charts: each has verifications of its own. */
function repositoriesOf(
  urls: readonly string[],
  { charts, ...git }: Outcome['verifications']
): ReportedRepository[] {
  const reported =
    (of: Outcome['verifications']) =>
    (url: string): ReportedRepository => ({
      url,
      verifications: mapValues(of, ({ result, commits, repositories: each }) => {
        const commit = commits[url]
        return { result: each?.[url]?.result ?? result, ...(commit !== undefined && { commit }) }
      })
    })
  const ofCharts = Object.keys(charts?.repositories ?? {}).map(reported({ ...(charts && { charts }) }))
  return [...urls.map(reported(git)), ...ofCharts]
}

/** The name of the target that a run was for. */
export function targetOf({ target }: Pick<Report, 'target'>): string {
  return target.name ?? target.cluster
}

function resourceOf(outcome: ResourceOutcome): ReportedResource {
  const { resource, of, result, problem, start, end, differences } = outcome
  const summary = outcome.summary ?? problem?.summary
  return {
    resource,
    ...(of !== undefined && { organization: of }),
    result,
    ...(summary !== undefined && { summary }),
    differences: differences.map(({ field, expected, actual, blocked }) => ({
      field,
      expected,
      actual,
      ...(blocked && { blocked: blocked.id })
    })),
    start,
    end
  }
}

function verificationOf({ result, reason, start, end }: VerificationOutcome): ReportedVerification {
  return { result, reason, start, end }
}

function mapValues<A, B>(
  of: Readonly<Partial<Record<VerificationName, A>>>,
  made: (value: A) => B
): Partial<Record<VerificationName, B>> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, made(value)]))
}
