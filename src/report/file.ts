/** The JSON report on disk: its folder is tested before anything is changed, the file is written last. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '../core/finding.ts'
import { safeJsonParts } from '../core/safe-text.ts'
import { temporaryFolder } from '../core/temporary.ts'
import { targetOf, type Report } from './report.ts'
import { codeOf, remedyFor } from './write-failure.ts'

/** Size of the test file, in bytes: about as large as a report. */
const TRIAL = 64 * 1024

/**
 * Creates a folder for the report and tests that a file of that size can be written to it.
 *
 * @returns the path for the report
 * @throws {Problem} with the reason and the remedy
 */
export async function reserveReportPath(environment: NodeJS.ProcessEnv): Promise<string> {
  const parent = temporaryFolder(environment)
  let folder: string | undefined
  try {
    folder = await mkdtemp(join(parent, 'patless-'))
    const trial = join(folder, 'trial')
    await writeFile(trial, ' '.repeat(TRIAL))
    await rm(trial)
    return join(folder, 'report.json')
  } catch (error) {
    if (folder !== undefined) await removeReportFolder(join(folder, 'report.json'))
    throw new Problem(
      {
        id: 'report/no-place',
        summary: `There is no place for the report: no file can be written to ${parent} (${codeOf(error)}); nothing was read or written.`,
        expected: 'a writable folder in RUNNER_TEMP, AGENT_TEMPDIRECTORY or TMPDIR',
        actual: parent,
        remedy: remedyFor(error)
      },
      { cause: error }
    )
  }
}

/** For a run that ends without a report. */
export async function removeReportFolder(path: string): Promise<void> {
  await rm(dirname(path), { recursive: true, force: true }).catch(() => undefined)
}

export function writeReport(report: Report): Promise<void> {
  return writeWhole(report.outputs.report, safeJsonParts(report))
}

/** For code scanning. @param run `definition`: path of the workflow or pipeline file in its repository */
export async function writeSarif(run: {
  readonly report: Report
  readonly definition: string
}): Promise<void> {
  const { report, definition } = run
  const { resultsOf, sarifOf } = await import('./sarif.ts')
  const texts = resultsOf(report).length > 0 ? await import('./sarif-help.ts') : undefined
  await writeWhole(report.outputs.sarif, safeJsonParts(sarifOf(report, definition, texts)))
}

/** As one page, to look at. */
export async function writeHtml(report: Report): Promise<void> {
  const { fleetHtmlOf, htmlOf } = await import('./html/page.ts')
  const { runs, silent = [] } = report
  const page = runs
    ? fleetHtmlOf(
        runs.map((run) => ({ name: targetOf(run), report: run })),
        silent
      )
    : htmlOf(report)
  await writeWhole(report.outputs.html, [page])
}

/** The files of an export, in a folder of their own. */
export async function writeExports({ exports, outputs }: Report): Promise<void> {
  await mkdir(outputs.export, { recursive: true })
  for (const [name, content] of Object.entries(exports ?? {}))
    await writeWhole(join(outputs.export, name), [content])
}

/** Writes the whole file or none: half a file is useless. */
async function writeWhole(path: string, parts: Iterable<string>): Promise<void> {
  try {
    await writeFile(path, parts)
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined)
    throw error
  }
}
