/** Outputs, for later steps: plain text or JSON that no shell and no host can take for anything else. */
import { dirname, join } from 'node:path'
import type { OutputName } from '../config/outputs.ts'
import { shorten, toJsonOutput, toPlainOutput } from '../core/safe-text.ts'
import type { Difference, Outcome, ResourceOutcome } from '../engine/outcome.ts'
import { idsOf, type PlacedFinding } from './findings.ts'
import { openAmong, type ReportedCredential } from './stored-credentials.ts'

/** The modes whose findings are for code scanning. */
export const WITH_SARIF: ReadonlySet<string> = new Set(['audit', 'check', 'migrate'])

/** The outputs of a run for one cluster. */
export function outputsOf(
  { mode, outputs, resources, changed, drift, verification, endedAt }: Outcome,
  findings: readonly PlacedFinding[],
  storedCredentials: readonly ReportedCredential[] | undefined,
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
    drift: endedAt === undefined ? String(drift) : '',
    verification: verification.result,
    'verification-reason': toPlainOutput(verification.reason),
    differences: differencesOutput(resources.map((one) => ({ ...one, organization: one.of }))),
    findings: idsOf(findings),
    'stored-credentials': storedCredentials ? String(openAmong(storedCredentials).length) : '',
    matrix: '',
    failed: '',
    drifted: '',
    verified: '',
    sarif: WITH_SARIF.has(mode) ? join(dirname(path), 'patless.sarif') : '',
    html: join(dirname(path), 'report.html'),
    export: mode === 'export' ? join(dirname(path), 'export') : '',
    report: path
  }
}

/** Differences of a resource, and whose it is. */
interface Differing extends Pick<ResourceOutcome, 'resource' | 'result'> {
  readonly differences: readonly Pick<Difference, 'field' | 'expected' | 'actual'>[]
  readonly organization?: string | undefined
  readonly target?: string
}

/** JSON: one row per field that differs. */
export function differencesOutput(resources: readonly Differing[]): string {
  return toJsonOutput(
    takeFitting(
      resources.flatMap(({ target, resource, organization, result, differences }) =>
        differences.map(({ field, expected, actual }) => ({
          ...(target !== undefined && { target }),
          resource,
          ...(organization !== undefined && { organization }),
          result,
          field: shorten(field, VALUE),
          expected: shorten(expected, VALUE),
          actual: actual === undefined ? null : shorten(actual, VALUE)
        }))
      )
    )
  )
}

/** Bytes of the list of differences: later steps get it as an environment variable, which Linux limits to 128 KiB. */
const DIFFERENCES = 96_000
/** Characters of one value in that list. */
const VALUE = 8_000

/** The first rows that fit; the JSON report has all of them, unshortened. */
function takeFitting<Row>(rows: readonly Row[]): readonly Row[] {
  let room = DIFFERENCES
  const end = rows.findIndex((row) => (room -= Buffer.byteLength(toJsonOutput(row)) + 1) < 0)
  return end === -1 ? rows : rows.slice(0, end)
}
