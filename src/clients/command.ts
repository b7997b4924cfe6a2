/** Another program, run to its end: no shell, a bounded time, a bounded output. */
import { execFile } from 'node:child_process'
import { LARGEST_BODY } from './http.ts'

export interface Ended {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * @param limit ends the program
 * @throws when it could not be started.
 */
export function ranCommand(
  program: 'git' | 'az',
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  limit: AbortSignal
): Promise<Ended> {
  // On Windows az is a batch file, which only a shell starts; none of its arguments is foreign.
  const options = { env, signal: limit, maxBuffer: LARGEST_BODY, shell: program === 'az' && WINDOWS }
  return new Promise((resolve, reject) => {
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (!error) resolve({ exit: 0, stdout, stderr })
      else if (typeof error.code === 'number') resolve({ exit: error.code, stdout, stderr })
      else if (limit.aborted) resolve({ exit: 128, stdout, stderr: `${stderr}\n${program} timed out` })
      else reject(new Error(`${program} does not start`, { cause: error }))
    })
  })
}

const WINDOWS = process.platform === 'win32'
