/** What is around one or several runs of a process: a place for the report, cancellation, what must be in no report. */
import { Redaction } from '../core/redaction.ts'
import type { Reporter } from '../report/events.ts'
import type { Shared } from '../services/shared.ts'
import { removeReportFolder, reserveReportPath } from '../report/file.ts'

export interface Around {
  /** Of the JSON report. */
  readonly path: string
  readonly signal: AbortSignal
  /** Of every secret that any of the runs met. */
  readonly redaction: Redaction
  /** Absent: there is one run. */
  readonly shared?: Shared
}

/** Cancelled job, Ctrl-C, closed terminal. Child processes have groups of their own and do not get these signals. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * @param work ends with a report for `path`
 * @throws {Problem} when there is no writable folder for the report; whatever `work` throws
 */
export async function publishable<T>(
  { environment, reporter }: { readonly environment: NodeJS.ProcessEnv; readonly reporter: Reporter },
  work: (around: Around) => Promise<T>
): Promise<T> {
  const controller = new AbortController()
  const cancel = (): void => {
    const text = 'Cancelling. Completed changes are in the report; run again to continue.'
    reporter.on({ kind: 'progress', text })
    controller.abort(new Error('the run was cancelled'))
  }
  for (const signal of SIGNALS) process.once(signal, cancel)
  try {
    const path = await reserveReportPath(environment)
    try {
      return await work({ path, signal: controller.signal, redaction: new Redaction() })
    } catch (error) {
      await removeReportFolder(path)
      throw error
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, cancel)
  }
}
