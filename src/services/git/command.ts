/** Another program, run to its end by @actions/exec: no shell, a bounded wait, a bounded output. */
import { LARGEST_BODY } from '../../http/request.ts'

export interface Ended {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * @param limit ends the wait: the program is then on its own, and ends by limits of its own
 * @throws when it could not be started.
 */
export async function ranCommand(
  program: 'git' | 'az',
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  limit: AbortSignal
): Promise<Ended> {
  const { exec } = await import('@actions/exec')
  const written = { stdout: '', stderr: '' }
  const keep = (stream: keyof typeof written) => (chunk: Buffer) => {
    if (written[stream].length < LARGEST_BODY) written[stream] += chunk.toString('utf8')
  }
  const options = {
    env: Object.fromEntries(
      Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))
    ),
    silent: true,
    ignoreReturnCode: true,
    listeners: { stdout: keep('stdout'), stderr: keep('stderr') }
  }
  return new Promise((resolve, reject) => {
    const late = (): void => {
      resolve({ exit: 128, stdout: written.stdout, stderr: `${written.stderr}\n${program} timed out` })
    }
    limit.addEventListener('abort', late, { once: true })
    exec(program, [...args], options)
      .then((exit) => {
        resolve({ exit, ...written })
      })
      .catch((error: unknown) => {
        reject(new Error(`${program} does not start`, { cause: error }))
      })
      .finally(() => {
        limit.removeEventListener('abort', late)
      })
  })
}
