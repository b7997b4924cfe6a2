/**
 * Publishes the report to each sink of the host, independently: a sink that fails adds a finding, and the others still
 * get theirs. The order is: first what needs no disk, large files last.
 */
import type { FindingFacts } from '../core/finding.ts'
import type { OutputName } from '../config/outputs.ts'
import type { Report } from '../report/report.ts'
import { definitionOf } from './definition.ts'

export interface Sinks {
  /** Shows findings and verdict where users look first. */
  verdict(report: Report): void
  readonly outputs: Sink<Partial<Record<OutputName, string>>>
  readonly summary?: Sink<Report>
  /** Called when the JSON report has been written. */
  attach?(path: string): void
  /** Reports a failure to write. */
  problem(problem: FindingFacts): void
  /** Called last: sets the result of the step. */
  finish(report: Report): void
}

export interface Sink<Content> {
  readonly name: string
  /** The path, or the variable that should name it. */
  readonly location: string
  write(content: Content): Promise<void>
}

/** @param definition path of the workflow or pipeline file in its repository */
export async function publishTo(
  sinks: Sinks,
  report: Report,
  definition = definitionOf(process.env)
): Promise<void> {
  // A few small files are quickly written, so a cancellation waits until they are.
  const ignore = (): void => undefined
  process.on('SIGTERM', ignore).on('SIGINT', ignore)
  // A run that ends with an input error publishes nothing.
  const [{ writeExports, writeHtml, writeReport, writeSarif }, { addWriteFailure, writeFailure }] =
    await Promise.all([import('../report/file.ts'), import('../report/write-failure.ts')])
  let current = report
  const attempt = async <Content>(sink: Sink<Content>, content: () => Content): Promise<boolean> => {
    try {
      await sink.write(content())
      return true
    } catch (error) {
      const problem = writeFailure(sink.name, sink.location, error)
      current = addWriteFailure(current, problem)
      sinks.problem(problem)
      return false
    }
  }
  try {
    // Whatever happens below, the step must not end with a better result than the chain.
    process.exitCode = report.verdict.exitCode
    sinks.verdict(report)
    const { report: path, sarif, html, export: folder, ...outputs } = report.outputs
    const hasOutputs = await attempt(sinks.outputs, () => outputs)
    if (sinks.summary) await attempt(sinks.summary, () => current)
    const scan = { name: 'the SARIF file', location: sarif, write: writeSarif }
    const scanned = sarif !== '' && (await attempt(scan, () => ({ report: current, definition })))
    const taken = { name: 'the exported files', location: folder, write: writeExports }
    const exported = report.exports !== undefined && (await attempt(taken, () => current))
    const page = { name: 'the HTML page', location: html, write: writeHtml }
    const drawn = html !== '' && (await attempt(page, () => current))
    const file = { name: 'the JSON report', location: path, write: writeReport }
    const written = await attempt(file, () => current)
    const files = {
      sarif: scanned ? sarif : '',
      html: drawn ? html : '',
      export: exported ? folder : '',
      report: written ? path : ''
    }
    if (hasOutputs) await attempt(sinks.outputs, () => files)
    if (written) sinks.attach?.(path)
    process.exitCode = current.verdict.exitCode
    sinks.finish(current)
  } finally {
    process.off('SIGTERM', ignore).off('SIGINT', ignore)
  }
}
