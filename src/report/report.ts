/** The result of a run, for every reader: outputs, summary, JSON. Schema and versioning: docs/report.md. */
import type { Desired } from '../config/parse.ts'
import type { OutputName } from '../config/table.ts'
import { HOPS, type HopOutcome, type Outcome, type ProofOutcome } from '../engine/outcome.ts'
import { verdictOf, type Verdict } from './verdict.ts'

const REPORT_VERSION = '1.1'

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
  readonly hops: readonly HopOutcome[]
  /** What the proofs together come to. */
  readonly proof: ProofOutcome
  readonly proofs: Outcome['proofs']
  readonly verdict: Verdict
  readonly outputs: Readonly<Record<OutputName, string>>
}

export function reportOf(
  outcome: Outcome,
  desired: Desired,
  run: { startedAt: number; login: string; path: string }
): Report {
  const hops = outcome.hops.toSorted((a, b) => HOPS.indexOf(a.hop) - HOPS.indexOf(b.hop))
  return {
    version: REPORT_VERSION,
    mode: outcome.mode,
    startedAt: new Date(run.startedAt).toISOString(),
    durationMs: Date.now() - run.startedAt,
    target: {
      cluster: desired.cluster.name,
      identity: desired.identity.name,
      organization: desired.organization,
      repositories: desired.repositories.map(({ url }) => url)
    },
    login: run.login,
    hops,
    proof: outcome.proof,
    proofs: outcome.proofs,
    verdict: verdictOf({ ...outcome, hops }, desired.failOnDrift),
    outputs: outputsOf({ ...outcome, hops }, run.path)
  }
}

function outputsOf(
  { facts, hops, changed, drift, proof }: Outcome,
  path: string
): Record<OutputName, string> {
  const changes = hops.flatMap(({ hop, result, changes }) =>
    changes.map(({ field, expected, found }) => ({ hop, result, field, expected, found: found ?? null }))
  )
  return {
    'client-id': facts.clientId ?? '',
    'principal-id': facts.principalId ?? '',
    'tenant-id': facts.tenantId ?? '',
    'identity-resource-id': facts.identityId ?? '',
    'oidc-issuer-url': facts.issuerUrl ?? '',
    subject: facts.subject ?? '',
    changed: String(changed),
    drift: String(drift),
    verification: proof.verification,
    'verification-reason': proof.reason,
    changes: printableJson(changes),
    report: path
  }
}

/** JSON on one line whatever the reader takes for a line end or a control character. */
function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}
