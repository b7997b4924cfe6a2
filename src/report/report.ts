/** The result of a run, for every reader: outputs, summary, JSON. Its schema: docs/report.schema.json. */
import { shorten, toJsonOutput, toPlainOutput } from '../core/safe-text.ts'
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
import { findingsOf, type PlacedFinding } from './findings.ts'
import { verdictOf, type Verdict } from './verdict.ts'

export const REPORT_VERSION = '2.0'

/** A resource, without its findings: these are in the one list. */
export interface ReportedResource extends Pick<ResourceOutcome, 'resource' | 'result' | 'start' | 'end'> {
  /** One line of fact, or why there is none. */
  readonly summary?: string
  readonly differences: readonly {
    readonly field: string
    readonly expected: string
    /** undefined: it is not there at all. */
    readonly actual: string | undefined
    /** The finding that says why apply does not write it. */
    readonly blocked?: FindingId
  }[]
}

export type ReportedVerification = Pick<VerificationOutcome, 'result' | 'reason' | 'start' | 'end'>

export interface ReportedRepository {
  readonly url: string
  /** What each verification says of it; absent where it was not asked for. */
  readonly verifications: Readonly<
    Partial<Record<VerificationName, { readonly result: VerificationResult; readonly commit?: string }>>
  >
}

export interface Report {
  readonly version: typeof REPORT_VERSION
  readonly mode: Outcome['mode']
  /** ISO 8601 */
  readonly startedAt: string
  readonly durationMs: number
  readonly target: {
    readonly cluster: string
    readonly identity: string
    readonly organization: string
    readonly repositories: readonly string[]
  }
  readonly login: string
  /** In the order of the chain. */
  readonly resources: readonly ReportedResource[]
  /** What the verifications together come to. */
  readonly verification: ReportedVerification
  readonly verifications: Readonly<Partial<Record<VerificationName, ReportedVerification>>>
  readonly repositories: readonly ReportedRepository[]
  /** Errors, then warnings, then notes. */
  readonly findings: readonly PlacedFinding[]
  readonly verdict: Verdict
  readonly outputs: Readonly<Record<OutputName, string>>
}

/** @param run `findings`: those that no resource has, of the login for one */
export function reportOf(
  outcome: Outcome,
  desired: Desired,
  run: { startedAt: number; login: string; path: string; findings: readonly Finding[] }
): Report {
  const { mode, resources, verification, verifications } = outcome
  const findings = findingsOf(outcome, desired.failOnDrift, run.findings)
  const repositories = desired.repositories.map(({ url }) => url)
  return {
    version: REPORT_VERSION,
    mode,
    startedAt: new Date(run.startedAt).toISOString(),
    durationMs: Date.now() - run.startedAt,
    target: {
      cluster: desired.cluster.name,
      identity: desired.identity.name,
      organization: desired.organization,
      repositories
    },
    login: run.login,
    resources: resources.map(resourceOf),
    verification: verificationOf(verification),
    verifications: mapValues(verifications, verificationOf),
    repositories: repositories.map((url): ReportedRepository => ({
      url,
      verifications: mapValues(verifications, ({ result, commits, repositories: each }) => {
        const commit = commits[url]
        return { result: each?.[url]?.result ?? result, ...(commit !== undefined && { commit }) }
      })
    })),
    findings,
    verdict: verdictOf(outcome, findings, desired.failOnDrift),
    outputs: outputsOf(outcome, findings, run.path)
  }
}

function resourceOf(outcome: ResourceOutcome): ReportedResource {
  const { resource, result, problem, start, end, differences } = outcome
  const summary = outcome.summary ?? problem?.summary
  return {
    resource,
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

function outputsOf(
  { outputs, resources, changed, drift, verification }: Outcome,
  findings: readonly PlacedFinding[],
  path: string
): Record<OutputName, string> {
  return {
    'client-id': toPlainOutput(outputs.clientId ?? ''),
    'principal-id': toPlainOutput(outputs.principalId ?? ''),
    'tenant-id': toPlainOutput(outputs.tenantId ?? ''),
    'identity-resource-id': toPlainOutput(outputs.identityId ?? ''),
    'oidc-issuer-url': toPlainOutput(outputs.issuerUrl ?? ''),
    subject: toPlainOutput(outputs.subject ?? ''),
    changed: String(changed),
    drift: String(drift),
    verification: verification.result,
    'verification-reason': toPlainOutput(verification.reason),
    differences: toJsonOutput(
      fitting(
        resources.flatMap(({ resource, result, differences }) =>
          differences.map(({ field, expected, actual }) => ({
            resource,
            result,
            field: shorten(field, VALUE),
            expected: shorten(expected, VALUE),
            actual: actual === undefined ? null : shorten(actual, VALUE)
          }))
        )
      )
    ),
    findings: [...new Set(findings.filter(({ severity }) => severity !== 'note').map(({ id }) => id))].join(
      ','
    ),
    report: path
  }
}

/** Bytes of the list of differences: a later step gets it in its environment, where Linux takes 128 KiB of a variable. */
const DIFFERENCES = 96_000
/** Characters of one value in it. */
const VALUE = 8_000

/** As many as have room; the JSON report has them all, and whole. */
function fitting<Row>(rows: readonly Row[]): readonly Row[] {
  let room = DIFFERENCES
  const end = rows.findIndex((row) => (room -= Buffer.byteLength(toJsonOutput(row)) + 1) < 0)
  return end === -1 ? rows : rows.slice(0, end)
}
