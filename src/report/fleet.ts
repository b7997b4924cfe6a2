/** The report of several targets: their own reports, and what they come to together. */
import { dirname, join } from 'node:path'
import type { OutputName } from '../config/outputs.ts'
import type { Finding } from '../core/finding.ts'
import { toPlainOutput } from '../core/safe-text.ts'
import type { VerificationResult } from '../engine/outcome.ts'
import { bySeverity, idsOf, type PlacedFinding } from './findings.ts'
import { differencesOutput, WITH_SARIF } from './outputs.ts'
import { REPORT_VERSION, targetOf, type Report, type ReportedVerification } from './report.ts'
import type { Verdict } from './verdict.ts'

/** What the report says beside the reports of the targets. */
export interface AboutFleet {
  readonly mode: Report['mode']
  /** Digest of the file of targets; undefined: there is none. */
  readonly plan: string | undefined
  /** ms since the epoch. */
  readonly startedAt: number
  readonly login: string
  /** Of the JSON report. */
  readonly path: string
  /** Those that belong to no target. */
  readonly findings: readonly Finding[]
  /** Names of targets that left no report. */
  readonly silent: readonly string[]
}

export function fleetReportOf(runs: readonly Report[], about: AboutFleet): Report {
  const { mode, plan, startedAt, login, silent } = about
  const findings = [...about.findings, ...runs.flatMap(findingsOf)].toSorted(bySeverity)
  const verification = verificationOf(runs)
  return {
    version: REPORT_VERSION,
    mode,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Date.now() - startedAt,
    target: {
      ...(plan !== undefined && { plan }),
      cluster: '',
      organizations: unique(runs.flatMap(({ target }) => target.organizations)),
      repositories: []
    },
    login,
    resources: [],
    verification,
    verifications: {},
    repositories: [],
    findings,
    runs,
    silent,
    verdict: verdictOf(runs, about),
    outputs: outputsOf(runs, about, findings, verification)
  }
}

function findingsOf(run: Report): PlacedFinding[] {
  const target = targetOf(run)
  return run.findings.map((finding) => ({ ...finding, target }))
}

function verdictOf(runs: readonly Report[], { silent, findings }: AboutFleet): Verdict {
  const named = (exitCode: number): string[] =>
    runs.filter(({ verdict }) => verdict.exitCode === exitCode).map(targetOf)
  const [failed, differing] = [named(1), named(2)]
  const parts = [
    [failed, 'failed'],
    [silent, 'left no report'],
    [differing, differing.length === 1 ? 'differs' : 'differ']
  ] as const
  const open = parts.flatMap(([names, what]) =>
    names.length === 0 ? [] : [`${names.length} ${what} (${shown(names)})`]
  )
  const total = runs.length + silent.length
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const summary = `${total === 1 ? '1 target' : `${total} targets`}: ${[`${named(0).length} in order`, ...open].join(', ')}.`
  const isRed = failed.length > 0 || silent.length > 0 || errors > 0
  return { exitCode: isRed ? 1 : differing.length > 0 ? 2 : 0, summary }
}

/** Names in one line. */
const SHOWN = 5

function shown(names: readonly string[]): string {
  const left = names.length - SHOWN
  return `${names.slice(0, SHOWN).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}

/** The least of them: a fleet is verified when all of it is. */
function verificationOf(runs: readonly Report[]): ReportedVerification {
  const count = (result: VerificationResult): number =>
    runs.filter(({ verification }) => verification.result === result).length
  const result = WORST.find((one) => count(one) > 0) ?? 'skipped'
  const reason = `${count('verified')} of ${runs.length} targets are verified`
  return { result, reason, start: 0, end: 0 }
}

const WORST: readonly VerificationResult[] = ['failed', 'inconclusive', 'skipped', 'verified']

function outputsOf(
  runs: readonly Report[],
  { path, silent, mode }: AboutFleet,
  findings: readonly PlacedFinding[],
  verification: ReportedVerification
): Record<OutputName, string> {
  const isTrue = (name: OutputName): boolean => runs.some(({ outputs }) => outputs[name] === 'true')
  const counted = runs.flatMap(({ outputs }) =>
    outputs['stored-credentials'] === '' ? [] : [Number(outputs['stored-credentials'])]
  )
  const scans = mode === 'summarize' || runs.some((run) => WITH_SARIF.has(run.mode))
  return {
    'client-id': '',
    'principal-id': '',
    'tenant-id': '',
    'identity-resource-id': '',
    'oidc-issuer-url': '',
    subject: '',
    changed: String(isTrue('changed')),
    drift: String(isTrue('drift')),
    verification: verification.result,
    'verification-reason': toPlainOutput(verification.reason),
    differences: differencesOutput(
      runs.flatMap((run) => run.resources.map((resource) => ({ ...resource, target: targetOf(run) })))
    ),
    findings: idsOf(findings),
    'stored-credentials': counted.length === 0 ? '' : String(counted.reduce((sum, one) => sum + one, 0)),
    matrix: '',
    // A target that says nothing may be in any state, so it counts as failed.
    failed: String(runs.filter(({ verdict }) => verdict.exitCode === 1).length + silent.length),
    drifted: String(
      runs.filter(({ outputs, verdict }) => outputs.drift === 'true' && verdict.exitCode !== 1).length
    ),
    verified: String(runs.filter((run) => run.verification.result === 'verified').length),
    sarif: scans ? join(dirname(path), 'patless.sarif') : '',
    html: join(dirname(path), 'report.html'),
    export: '',
    report: path
  }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
