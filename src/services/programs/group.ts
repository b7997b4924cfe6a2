/** A program with all processes that it started: its process group, and on Linux also those that left the group. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { statOf } from './proc-stat.ts'

/** Between SIGTERM and SIGKILL, in ms. A runner waits 7.5 s for a cancelled job. */
const GRACE = 1_000
/** How long the kernel may take to end killed processes, in ms. */
const LAST = 500
const PACE = 10

interface Running {
  /** The program's home. */
  readonly folder: string
  /** Process ids that were in use before the program started: none of them is its own. */
  readonly others: ReadonlySet<string>
}

/** By process id of the program. */
const running = new Map<number, Running>()

/**
 * From now on the group ends with this process, however it exits. (After a SIGKILL the runner cleans up orphans.)
 *
 * @param others what `processes` returned before the program was started
 */
export function register(pid: number, folder: string, others: readonly string[]): void {
  if (running.size === 0) process.on('exit', endAllAtOnce)
  running.set(pid, { folder, others: new Set(others) })
}

/** The process ids of this machine, on Linux. */
export function processes(): string[] {
  return process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
}

/** Ends the remaining processes: SIGTERM, then SIGKILL. */
export async function end(pid: number): Promise<void> {
  const program = running.get(pid)
  if (program === undefined) return
  if (!(await kill(pid, 'SIGTERM', GRACE))) await kill(pid, 'SIGKILL', LAST)
  killStrays(program)
}

/** To be called once no process of the group is left. */
export function forget(pid: number): void {
  running.delete(pid)
  if (running.size === 0) process.off('exit', endAllAtOnce)
}

/** @returns whether the group has ended within `wait` ms. */
async function kill(pid: number, first: NodeJS.Signals, wait: number): Promise<boolean> {
  const until = performance.now() + wait
  for (let signal: NodeJS.Signals | 0 = first; send(pid, signal) && isAlive(pid); signal = 0) {
    if (performance.now() > until) return false
    await sleep(PACE)
  }
  return true
}

/** @returns false when the group has ended. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  if (process.platform === 'win32') return signal !== 0 && endTree(pid)
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

/**
 * Whether anything of the group still runs. Where the first process of a container is no init, nobody collects the helpers
 * that git leaves behind, and they would be waited for each time.
 */
function isAlive(group: number): boolean {
  if (process.platform !== 'linux') return true
  return processes().some((pid) => {
    try {
      const stat = statOf(readFileSync(`/proc/${pid}/stat`, 'latin1'))
      return stat.group === group && !stat.isZombie
    } catch {
      // It has ended.
      return false
    }
  })
}

/** Windows has no process groups; taskkill follows the process tree. */
function endTree(pid: number): boolean {
  const tool = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe')
  spawnSync(tool, ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' })
  return false
}

/**
 * A process that started its own session still has the folder as its home. Older processes are not looked at: with
 * hundreds of them and of repositories, that would take longer than git.
 */
function killStrays({ folder, others }: Running): void {
  const mark = `HOME=${folder}\0`
  for (const pid of processes()) {
    if (others.has(pid)) continue
    try {
      if (`${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`.includes(mark))
        process.kill(Number(pid), 'SIGKILL')
    } catch {
      // The process has ended or belongs to another user.
    }
  }
}

function endAllAtOnce(): void {
  for (const [pid, program] of running) {
    send(pid, 'SIGKILL')
    killStrays(program)
    rmSync(program.folder, { recursive: true, force: true })
  }
}
