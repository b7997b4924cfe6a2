/**
 * What a run has to tell, to every place that takes it. Each on its own: what one cannot take is one more finding, and
 * the others still get theirs. First what needs no disk, the large files last.
 */
import type { FindingFacts } from '../core/finding.ts'
import type { OutputName } from '../config/outputs.ts'
import { writeReport } from '../report/file.ts'
import type { Report } from '../report/report.ts'
import { unwritten, withUnwritten } from '../report/unwritten.ts'

export interface Sinks {
  /** Problems and verdict, where somebody looks first. */
  verdict(report: Report): void
  readonly outputs: Sink<Partial<Record<OutputName, string>>>
  readonly summary?: Sink<Report>
  /** The JSON report is there to be picked up. */
  attach?(path: string): void
  /** One more problem, found while writing. */
  problem(problem: FindingFacts): void
  /** The last word: the result of the step. */
  finish(report: Report): void
}

export interface Sink<Content> {
  readonly name: string
  /** The path, or the variable that should name it. */
  readonly place: string
  write(content: Content): Promise<void>
}

export async function publishTo(sinks: Sinks, report: Report): Promise<void> {
  // A job that is cancelled now is so to the end of this: it is a matter of a few small files.
  const deaf = (): void => undefined
  process.on('SIGTERM', deaf).on('SIGINT', deaf)
  let known = report
  const attempt = async <Content>(sink: Sink<Content>, content: () => Content): Promise<boolean> => {
    try {
      await sink.write(content())
      return true
    } catch (error) {
      const problem = unwritten(sink.name, sink.place, error)
      known = withUnwritten(known, problem)
      sinks.problem(problem)
      return false
    }
  }
  try {
    // Whatever happens below, the step does not end better than its chain.
    process.exitCode = report.verdict.exitCode
    sinks.verdict(report)
    const { report: path, ...outputs } = report.outputs
    const told = await attempt(sinks.outputs, () => outputs)
    if (sinks.summary) await attempt(sinks.summary, () => known)
    const file = { name: 'the JSON report', place: path, write: writeReport }
    const written = await attempt(file, () => known)
    if (told) await attempt(sinks.outputs, () => ({ report: written ? path : '' }))
    if (written) sinks.attach?.(path)
    process.exitCode = known.verdict.exitCode
    sinks.finish(known)
  } finally {
    process.off('SIGTERM', deaf).off('SIGINT', deaf)
  }
}
