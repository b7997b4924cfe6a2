/** The folder for files that do not belong in the workspace. */
import { tmpdir } from 'node:os'
import { isAbsolute } from 'node:path'
import { Problem } from './finding.ts'

/** These variables name the folders that hosts empty after a job. */
const RUNNER = 'RUNNER_TEMP'
const AGENT = 'AGENT_TEMPDIRECTORY'

/** The path of the report is an output and cannot be escaped: when a later step echoes it, it must not be a command. */
const COMMAND = /\p{Cc}|::|##/u

/**
 * The temporary folder of the host that runs the job, else of another host, else the system's; an empty variable counts
 * as unset. Never a relative path, which would be in the workspace.
 *
 * @throws {Problem} when the variable, or TMPDIR, holds a relative path or one that a log would read as a command
 */
export function temporaryFolder(environment: NodeJS.ProcessEnv): string {
  const has = (name: string): boolean => (environment[name] ?? '').trim() !== ''
  const isAgent = environment['GITHUB_ACTIONS'] !== 'true' && has('AGENT_ID')
  const name = (isAgent ? [AGENT, RUNNER] : [RUNNER, AGENT]).find(has)
  const path = name === undefined ? tmpdir() : (environment[name] ?? '')
  const isCommand = COMMAND.test(path)
  if (isAbsolute(path) && !isCommand) return path
  throw new Problem({
    id: 'host/temporary-folder',
    summary: isCommand
      ? 'The path of the temporary folder contains a log command of a host; nothing was read or written.'
      : 'The temporary folder has a relative path; nothing was read or written.',
    expected: `an absolute path in ${name ?? 'TMPDIR'}`,
    actual: path,
    remedy:
      name === undefined
        ? 'set TMPDIR to an absolute path outside the workspace'
        : `${name} is reserved: only the host sets it, for each job. Remove whatever sets it on this machine, or give the runner (agent) an absolute work folder`
  })
}
