/** Where a run leaves what is not for the workspace. */
import { tmpdir } from 'node:os'
import { isAbsolute } from 'node:path'
import { Problem } from './problem.ts'

/** What the hosts empty after a job, by the variable that names it. */
const NAMES = ['RUNNER_TEMP', 'AGENT_TEMPDIRECTORY'] as const

/**
 * The host's folder for a job, else the system's; an empty variable is none. Never a relative path: that is a folder of
 * the workspace.
 *
 * @throws {Problem} when the variable, or TMPDIR, holds a relative path
 */
export function temporaryFolder(environment: NodeJS.ProcessEnv): string {
  const name = NAMES.find((one) => (environment[one] ?? '').trim() !== '')
  const path = name === undefined ? tmpdir() : (environment[name] ?? '')
  if (isAbsolute(path)) return path
  throw new Problem({
    what: `The folder for temporary files is a relative path; nothing was read or written.`,
    expected: `an absolute path in ${name ?? 'TMPDIR'}`,
    found: path,
    remedy: `set ${name ?? 'TMPDIR'} to an absolute path outside of the workspace`
  })
}
