/** The result of a run, for every reader: outputs, summary, JSON. Schema and versioning: docs/report.md. */
import { shorten, toJsonOutput, toPlainOutput } from '../core/safe-text.ts'
import type { Desired } from '../config/desired.ts'
import type { OutputName } from '../config/outputs.ts'
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
  return {
    'client-id': toPlainOutput(facts.clientId ?? ''),
    'principal-id': toPlainOutput(facts.principalId ?? ''),
    'tenant-id': toPlainOutput(facts.tenantId ?? ''),
    'identity-resource-id': toPlainOutput(facts.identityId ?? ''),
    'oidc-issuer-url': toPlainOutput(facts.issuerUrl ?? ''),
    subject: toPlainOutput(facts.subject ?? ''),
    changed: String(changed),
    drift: String(drift),
    verification: proof.verification,
    'verification-reason': toPlainOutput(proof.reason),
    changes: changesOf(hops),
    report: path
  }
}

/** Bytes of the list of changes: a later step gets it in its environment, where Linux takes 128 KiB of one variable. */
const CHANGES = 96_000
/** Characters of one value in it. */
const VALUE = 8_000

/** As many as have room; the JSON report has them all, and whole. */
function changesOf(hops: readonly HopOutcome[]): string {
  const rows = hops.flatMap(({ hop, result, changes }) =>
    changes.map(({ field, expected, found }) => ({
      hop,
      result,
      field: shorten(field, VALUE),
      expected: shorten(expected, VALUE),
      found: found === undefined ? null : shorten(found, VALUE)
    }))
  )
  let room = CHANGES
  const fits = rows.findIndex((row) => (room -= Buffer.byteLength(toJsonOutput(row)) + 1) < 0)
  return toJsonOutput(fits === -1 ? rows : rows.slice(0, fits))
}
