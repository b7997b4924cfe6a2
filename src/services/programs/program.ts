/**
 * Runs git and az: no shell, in an empty folder, with a listed environment, for a bounded time, with a bounded output,
 * and as a process group that ends with it (docs/decisions/0009-programs.md).
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../core/finding.ts'
import { Cancelled, safe } from '../../http/errors.ts'
import { LARGEST_BODY, timeLimit, type Wire } from '../../http/request.ts'
import { end, forget, register } from './group.ts'
import { findProgram } from './search-path.ts'
import { MOST, watchUsage } from './usage.ts'

export interface Program {
  readonly name: 'git' | 'az'
  readonly arguments: readonly string[]
  /** Of the run: where the program is looked for. */
  readonly path: NodeJS.ProcessEnv
  /** Of the program: all of it. */
  readonly environment: Readonly<Record<string, string>>
  /** Its current folder. */
  readonly folder: string
  /** ms it may take. */
  readonly timeout: number
  /** Bytes of memory, and of disk, that it may use. */
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

/** It is not there, or it does not start. */
export class NotStarted extends Problem {
  override readonly name = 'NotStarted'
}

/** It was ended, since its time was up. */
export class TimedOut extends Problem {
  override readonly name = 'TimedOut'
}

/** It was ended, since it printed, or used, more than any answer of these services is worth. */
export class TooMuch extends Problem {
  override readonly name = 'TooMuch'
}

/**
 * Nothing of it runs any more when this settles.
 *
 * @throws {NotStarted} @throws {TimedOut} @throws {TooMuch} @throws {Cancelled}
 */
export async function runProgram(program: Program, wire: Wire): Promise<Ended> {
  const { signal } = wire.policy
  const limit = timeLimit({ ...wire, timeout: program.timeout })
  const command = `${program.name} ${program.arguments[0] ?? ''}`
  const started = performance.now()
  refuseCancelled(signal, command)
  const child = await start(program)
  const { pid = 0 } = child
  register(pid, program.folder)
  // What the kernel does not let go of, as a file on a network that is gone, is not waited for either.
  let stop = (): void => undefined
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => {
      void end(pid).then(() => {
        resolve(undefined)
      })
    }
  })
  limit.addEventListener('abort', stop, { once: true })
  // Told while the program was starting: that event does not come again.
  if (limit.aborted) stop()
  let excess: string | undefined
  const exceeded = (what: string): void => {
    excess ??= what
    stop()
  }
  const { folder, most = MOST } = program
  const unwatched = watchUsage({ pid, folder, most }, exceeded)
  try {
    const ended = await Promise.race([outcome(child, pid, exceeded), stopped])
    // Whoever cancels a job may signal all of it: the program can be gone before this process hears of it.
    if (ended?.signalled === true && !limit.aborted && excess === undefined) await heard(limit)
    const ms = Math.round(performance.now() - started)
    wire.debug(`${command}: ${ended ? `exit ${ended.exit} in` : 'stopped after'} ${ms} ms`)
    refuseCancelled(signal, command)
    if (excess !== undefined) {
      throw new TooMuch({
        id: 'program/too-much',
        summary: `${command} took too much ${excess}; it was stopped.`,
        expected: excess === 'output' ? `at most ${LARGEST_BODY} bytes` : `at most ${most} bytes`,
        remedy: `run ${command} on this machine to see what it reads`
      })
    }
    if (ended && !limit.aborted) return ended
    throw new TimedOut({
      id: 'program/timeout',
      summary: `${command} did not end within ${Math.round(ms / 1000)} s; it was stopped.`,
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

/** How long the signal to this process may come after that to the program, in ms. */
const LATER = 500

async function heard(limit: AbortSignal): Promise<void> {
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
      remedy: `put ${name} into a folder of PATH that is absolute and outside of the workspace`
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
            remedy: `install ${name} anew`
          },
          { cause: error }
        )
      )
    }
    try {
      const child = spawn(file, args, {
        cwd: folder,
        env: environment,
        // A group of its own; on Windows it would be a window of its own.
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

/** Windows runs scripts only by its shell: az is one there. What the shell would read as more than a word is refused. */
export function startable(path: string, args: readonly string[]): [string, string[], boolean] {
  if (!path.endsWith('.cmd')) return [path, [...args], false]
  if (args.some((arg) => !/^[\w:/.-]+$/.test(arg))) throw new TypeError('an argument is not one word')
  const shell = process.env['ComSpec'] ?? 'cmd.exe'
  return [shell, ['/d', '/s', '/c', `""${path}" ${args.join(' ')}"`], true]
}

/** How long the pipes of a program that has ended may stay open, in ms: who holds them is no part of it. */
const DRAINED = 500

async function outcome(child: ChildProcess, pid: number, exceeded: (what: string) => void): Promise<Ended> {
  // Half of a list of refs would be taken for the whole.
  const stdout = kept(child.stdout, () => {
    exceeded('output')
  })
  const stderr = kept(child.stderr, () => undefined)
  const closed = new Promise((resolve) => child.once('close', resolve))
  const code = await new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
  })
  // What it started and did not wait for.
  await end(pid)
  await Promise.race([closed, sleep(DRAINED, undefined, { ref: false })])
  return { exit: code ?? 128, signalled: code === null, stdout: stdout(), stderr: stderr() }
}

/** @returns what came so far, as text; more than any answer of these services is not kept. */
function kept(stream: ChildProcess['stdout'], more: () => void): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= LARGEST_BODY) chunks.push(chunk)
    else more()
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
