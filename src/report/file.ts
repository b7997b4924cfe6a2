/** The JSON report on disk: its place is tried before anything is changed, its text is written when all else is told. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '../core/finding.ts'
import { toSafeJson } from '../core/safe-text.ts'
import { temporaryFolder } from '../core/temporary.ts'
import type { Report } from './report.ts'
import { codeOf, remedyFor } from './unwritten.ts'

/** Bytes that are written to see that they can be: about what a report takes. */
const TRIAL = 64 * 1024

/**
 * A new folder for the report, which has taken a file of that size.
 *
 * @returns the path for the report
 * @throws {Problem} with the reason and what to do
 */
export async function placeForReport(environment: NodeJS.ProcessEnv): Promise<string> {
  const parent = temporaryFolder(environment)
  let folder: string | undefined
  try {
    folder = await mkdtemp(join(parent, 'patless-'))
    const trial = join(folder, 'trial')
    await writeFile(trial, ' '.repeat(TRIAL))
    await rm(trial)
    return join(folder, 'report.json')
  } catch (error) {
    if (folder !== undefined) await leaveReport(join(folder, 'report.json'))
    throw new Problem(
      {
        id: 'report/no-place',
        summary: `The report could not be written later: ${parent} takes no file (${codeOf(error)}); nothing was read or written.`,
        expected: 'a folder that takes the report, named by RUNNER_TEMP, AGENT_TEMPDIRECTORY or TMPDIR',
        actual: parent,
        remedy: remedyFor(error)
      },
      { cause: error }
    )
  }
}

/** Of a run that ends without a report, no folder stays. */
export async function leaveReport(path: string): Promise<void> {
  await rm(dirname(path), { recursive: true, force: true }).catch(() => undefined)
}

/** Whole or not at all: half of a JSON file helps nobody. */
export async function writeReport(report: Report): Promise<void> {
  const path = report.outputs.report
  try {
    await writeFile(path, `${toSafeJson(report)}\n`)
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined)
    throw error
  }
}
