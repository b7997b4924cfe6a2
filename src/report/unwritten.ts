/** What could not be written is a finding of the run, beside those of the chain. */
import type { FindingFacts } from '../core/finding.ts'
import { toSafeLine } from '../core/safe-text.ts'
import type { Report } from './report.ts'
import { input } from '../core/input-name.ts'

/** @param sink what was to be written, e.g. `the summary`; @param place its path, or the variable that should name one */
export function unwritten(sink: string, place: string, error: unknown): FindingFacts {
  return {
    id: 'report/not-written',
    summary: `Not written: ${sink} (${place}): ${reasonOf(error)}.`,
    remedy: `${remedyFor(error)}; then run again with ${input('mode', 'check')} to have it`,
    code: codeOf(error)
  }
}

/** The run is an error then, whatever the chain is: who reads only outputs or the summary would not know. */
export function withUnwritten(report: Report, problem: FindingFacts): Report {
  const { verdict, findings } = report
  return {
    ...report,
    findings: [{ ...problem, severity: 'error' }, ...findings],
    verdict: { exitCode: 1, summary: `${verdict.summary} ${problem.summary}` }
  }
}

/** The system's own name of a failure (ENOSPC, EACCES); else the kind of the error. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

function reasonOf(error: unknown): string {
  const [code, text] = [codeOf(error), error instanceof Error ? error.message : String(error)]
  // Node's own text repeats the code and the path.
  return toSafeLine(text.startsWith(`${code}: `) ? (text.split(',')[0] ?? code) : `${code} ${text}`, 200)
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on the disk of the runner',
  EDQUOT: 'free some space in the quota of the user that runs the job',
  ENOENT: 'let no step of the job remove or move the folder, and name one that exists',
  ENOTDIR: 'name a path whose parts are folders',
  EISDIR: 'let no step of the job put a folder in the place of the file',
  ENXIO: 'let no step of the job put a pipe in the place of the file',
  EACCES: 'let the user that runs the job write there',
  EPERM: 'let the user that runs the job write there',
  EROFS: 'name a place on a disk that can be written to'
}

export function remedyFor(error: unknown): string {
  return REMEDIES[codeOf(error)] ?? 'see that the path is one that this job may write to'
}
