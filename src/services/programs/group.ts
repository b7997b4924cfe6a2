/** A program with all processes that it started: its process group, and on Linux also those that left the group. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Between SIGTERM and SIGKILL, in ms. A runner waits 7.5 s for a cancelled job. */
const GRACE = 1_000
/** How long the kernel may take to end killed processes, in ms. */
const LAST = 500
const PACE = 10

/** Process id of the program → the folder that is its home. */
const running = new Map<number, string>()

/** From now on the group ends with this process, however it exits. (After a SIGKILL the runner cleans up orphans.) */
export function register(pid: number, folder: string): void {
  if (running.size === 0) process.on('exit', endAllAtOnce)
  running.set(pid, folder)
}

/** Ends the remaining processes: SIGTERM, then SIGKILL. */
export async function end(pid: number): Promise<void> {
  const folder = running.get(pid)
  if (folder === undefined) return
  if (!(await kill(pid, 'SIGTERM', GRACE))) await kill(pid, 'SIGKILL', LAST)
  killStrays(folder)
}

/** To be called once no process of the group is left. */
export function forget(pid: number): void {
  running.delete(pid)
  if (running.size === 0) process.off('exit', endAllAtOnce)
}

/** @returns whether the group has ended within `wait` ms. */
async function kill(pid: number, first: NodeJS.Signals, wait: number): Promise<boolean> {
  const until = performance.now() + wait
  for (let signal: NodeJS.Signals | 0 = first; send(pid, signal); signal = 0) {
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

/** Windows has no process groups; taskkill follows the process tree. */
function endTree(pid: number): boolean {
  const tool = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe')
  spawnSync(tool, ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' })
  return false
}

/** A process that started its own session still has the folder as its home. */
function killStrays(folder: string): void {
  if (process.platform !== 'linux') return
  const mark = `HOME=${folder}\0`
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (`${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`.includes(mark))
        process.kill(Number(pid), 'SIGKILL')
    } catch {
      // The process has ended or belongs to another user.
    }
  }
}

function endAllAtOnce(): void {
  for (const [pid, folder] of running) {
    send(pid, 'SIGKILL')
    killStrays(folder)
    rmSync(folder, { recursive: true, force: true })
  }
}
