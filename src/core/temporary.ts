/** Where a run leaves what is not for the workspace. */
import { tmpdir } from 'node:os'
import { isAbsolute } from 'node:path'
import { Problem } from './finding.ts'

/** What the hosts empty after a job, by the variable that names it. */
const RUNNER = 'RUNNER_TEMP'
const AGENT = 'AGENT_TEMPDIRECTORY'

/** The path of the report is an output, and has to stay the path: what a later step echoes must not be a command. */
const COMMAND = /\p{Cc}|::|##/u

/**
 * The folder of the host that runs the job, else of another host, else the system's; an empty variable is none. Never a
 * relative path: that is a folder of the workspace.
 *
 * @throws {Problem} when the variable, or TMPDIR, holds a relative path, or one that steers a log
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
      ? 'The folder for temporary files has a name that is a command to the log of a host; nothing was read or written.'
      : 'The folder for temporary files is a relative path; nothing was read or written.',
    expected: `an absolute path in ${name ?? 'TMPDIR'}`,
    actual: path,
    remedy:
      name === undefined
        ? 'set TMPDIR to an absolute path outside of the workspace'
        : `${name} is reserved: the host sets it for each job, and no step may. Let nothing on this machine set it, or give the runner (agent) an absolute work folder`
  })
}
