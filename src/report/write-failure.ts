/** A failure to write outputs, summary or report: one more finding of the run. */
import type { FindingFacts } from '../core/finding.ts'
import { toSafeLine } from '../core/safe-text.ts'
import type { Report } from './report.ts'
import { input } from '../core/input-name.ts'

/** @param sink for example `the summary`; @param location its path, or the variable that should name it */
export function writeFailure(sink: string, location: string, error: unknown): FindingFacts {
  return {
    id: 'report/not-written',
    summary: `Not written: ${sink} (${location}): ${reasonOf(error)}.`,
    remedy: `${remedyFor(error)}; then run again with ${input('mode', 'check')} to get it`,
    code: codeOf(error)
  }
}

/** Fails the run even when the chain is in order: somebody who reads only outputs or summary would not notice. */
export function addWriteFailure(report: Report, problem: FindingFacts): Report {
  const { verdict, findings } = report
  return {
    ...report,
    findings: [{ ...problem, severity: 'error' }, ...findings],
    verdict: { exitCode: 1, summary: `${verdict.summary} ${problem.summary}` }
  }
}

/** The system's error code (ENOSPC, EACCES), else the class of the error. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

function reasonOf(error: unknown): string {
  const [code, text] = [codeOf(error), error instanceof Error ? error.message : String(error)]
  // Node's message repeats the code and the path.
  return toSafeLine(text.startsWith(`${code}: `) ? (text.split(',')[0] ?? code) : `${code} ${text}`, 200)
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on the disk of the runner',
  EDQUOT: 'free some space in the quota of the user that runs the job',
  ENOENT: 'make sure that the folder exists and that no step of the job removes or moves it',
  ENOTDIR: 'use a path whose parts are folders',
  EISDIR: 'make sure that no step of the job replaces the file with a folder',
  ENXIO: 'make sure that no step of the job replaces the file with a pipe',
  EACCES: 'let the user that runs the job write there',
  EPERM: 'let the user that runs the job write there',
  EROFS: 'use a path on a disk that is not read-only'
}

export function remedyFor(error: unknown): string {
  return REMEDIES[codeOf(error)] ?? 'make sure that this job may write to the path'
}
