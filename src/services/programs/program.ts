/**
 * Runs git and az without a shell, in an empty folder, with a filtered environment, limited in time and output, and as
 * a process group that ends with the program (docs/decisions/0009-programs.md).
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../core/finding.ts'
import { Cancelled, safe } from '../../http/errors.ts'
import { LARGEST_BODY, timeLimit, type Wire } from '../../http/request.ts'
import { end, forget, processes, register } from './group.ts'
import { findProgram } from './search-path.ts'
import { MOST, watchUsage } from './usage.ts'

export interface Program {
  readonly name: 'git' | 'az'
  readonly arguments: readonly string[]
  /** The environment of the run, whose PATH is searched for the program. */
  readonly path: NodeJS.ProcessEnv
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string>>
  /** Its current folder. */
  readonly folder: string
  /** Time limit in ms. */
  readonly timeout: number
  /** Bytes that it may use, of memory and of disk each. */
  readonly most?: number
}

export interface Ended {
  /** 128 when a signal ended it. */
  readonly exit: number
  /** Whether a signal ended it. */
  readonly signalled: boolean
  readonly stdout: string
  readonly stderr: string
}

/** The program is missing or does not start. */
export class NotStarted extends Problem {
  override readonly name = 'NotStarted'
}

/** The program was stopped at its time limit. */
export class TimedOut extends Problem {
  override readonly name = 'TimedOut'
}

/** The program was stopped because it printed or used more than any real answer of these services needs. */
class TooMuch extends Problem {
  override readonly name = 'TooMuch'
}

/**
 * No process of the program runs any more when this settles.
 *
 * @throws {NotStarted} @throws {TimedOut} @throws {TooMuch} @throws {Cancelled}
 */
export async function runProgram(program: Program, wire: Wire): Promise<Ended> {
  const { signal } = wire.policy
  const limit = timeLimit({ ...wire, timeout: program.timeout })
  const command = `${program.name} ${program.arguments[0] ?? ''}`
  const started = performance.now()
  refuseCancelled(signal, command)
  const others = processes()
  const child = await start(program)
  const { pid = 0 } = child
  register(pid, program.folder, others)
  // A process that the kernel cannot end, as one that waits for a lost network drive, is not waited for either.
  let stop = (): void => undefined
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => {
      void end(pid).then(() => {
        resolve(undefined)
      })
    }
  })
  limit.addEventListener('abort', stop, { once: true })
  // Aborted while the program was starting: the event does not repeat.
  if (limit.aborted) stop()
  let excess: string | undefined
  const exceeded = (what: string): void => {
    excess ??= what
    stop()
  }
  const { folder, most = MOST } = program
  const unwatched = watchUsage({ pid, folder, most }, exceeded)
  try {
    const ended = await Promise.race([waitForEnd(child, pid, exceeded), stopped])
    // A cancelled job may signal all its processes: the program can end before this process receives the signal.
    if (ended?.signalled === true && !limit.aborted && excess === undefined) await waitForSignal(limit)
    const ms = Math.round(performance.now() - started)
    wire.debug(`${command}: ${ended ? `exit ${ended.exit} in` : 'stopped after'} ${ms} ms`)
    refuseCancelled(signal, command)
    if (excess !== undefined) {
      throw new TooMuch({
        id: 'program/too-much',
        summary: `${command} used too much ${excess}; Patless stopped it.`,
        expected: excess === 'output' ? `at most ${LARGEST_BODY} bytes` : `at most ${most} bytes`,
        remedy: `run ${command} on this machine to see what it receives`
      })
    }
    if (ended && !limit.aborted) return ended
    throw new TimedOut({
      id: 'program/timeout',
      summary: `${command} did not end within ${Math.round(ms / 1000)} s; Patless stopped it.`,
      remedy: `run ${command} on this machine to see what it waits for`
    })
  } finally {
    unwatched()
    limit.removeEventListener('abort', stop)
    child.stdout?.destroy()
    child.stderr?.destroy()
    forget(pid)
  }
}

/** How much later than the program this process may receive the signal, in ms. */
const LATER = 500

async function waitForSignal(limit: AbortSignal): Promise<void> {
  await sleep(LATER, undefined, { signal: limit }).catch(() => undefined)
}

function refuseCancelled(signal: AbortSignal, command: string): void {
  if (signal.aborted) throw new Cancelled(command)
}

/** @throws {NotStarted} */
async function start(program: Program): Promise<ChildProcess> {
  const { name, environment, folder } = program
  const path = findProgram(name, program.path)
  if (path === undefined) {
    throw new NotStarted({
      id: 'program/missing',
      summary: `There is no ${name} on PATH.`,
      remedy: `install ${name} in a folder of PATH that is absolute and outside of the workspace`
    })
  }
  const [file, args, verbatim] = startable(path, program.arguments)
  return new Promise((resolve, reject) => {
    const refused = (error: unknown): void => {
      const reason = error instanceof Error ? safe(error.message, 200) : ''
      reject(
        new NotStarted(
          {
            id: 'program/does-not-start',
            summary: `${path} does not start: ${reason}`,
            remedy: `reinstall ${name}`
          },
          { cause: error }
        )
      )
    }
    try {
      const child = spawn(file, args, {
        cwd: folder,
        env: environment,
        // Starts a process group; on Windows it would open a window.
        detached: process.platform !== 'win32',
        windowsHide: true,
        windowsVerbatimArguments: verbatim,
        stdio: ['ignore', 'pipe', 'pipe']
      })
      child.once('error', refused).once('spawn', () => {
        resolve(child)
      })
    } catch (error) {
      refused(error)
    }
  })
}

/** az is a script on Windows, and scripts run only in a shell: arguments with a meaning for the shell are refused. */
export function startable(path: string, args: readonly string[]): [string, string[], boolean] {
  if (!path.endsWith('.cmd')) return [path, [...args], false]
  if (args.some((arg) => !/^[\w:/.-]+$/.test(arg))) throw new TypeError('an argument is not one word')
  const shell = process.env['ComSpec'] ?? 'cmd.exe'
  return [shell, ['/d', '/s', '/c', `""${path}" ${args.join(' ')}"`], true]
}

/** How long the pipes may stay open after the program has ended, in ms: another process holds them. */
const DRAINED = 500

async function waitForEnd(
  child: ChildProcess,
  pid: number,
  exceeded: (what: string) => void
): Promise<Ended> {
  // Truncated output would be misread as complete.
  const stdout = collect(child.stdout, () => {
    exceeded('output')
  })
  const stderr = collect(child.stderr, () => undefined)
  const closed = new Promise((resolve) => child.once('close', resolve))
  const code = await new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
  })
  // Ends processes that the program started and did not wait for.
  await end(pid)
  await Promise.race([closed, sleep(DRAINED, undefined, { ref: false })])
  return { exit: code ?? 128, signalled: code === null, stdout: stdout(), stderr: stderr() }
}

/** @returns reads the text so far; output beyond the limit is dropped. */
function collect(stream: ChildProcess['stdout'], more: () => void): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= LARGEST_BODY) chunks.push(chunk)
    else more()
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
