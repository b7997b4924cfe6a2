/** A program with all that it started: its process group, and on Linux also what left the group. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Between SIGTERM and SIGKILL, in ms. A runner waits 7.5 s for a cancelled job. */
const GRACE = 1_000
/** How long the kernel may take to end what was killed, in ms. */
const LAST = 500
const PACE = 10

/** By the id of its first process: the folder that is its home. */
const running = new Map<number, string>()

/** From now on the group ends with this process, however it exits (but for SIGKILL: the runner looks for orphans). */
export function register(pid: number, folder: string): void {
  if (running.size === 0) process.on('exit', endAllAtOnce)
  running.set(pid, folder)
}

/** Ends what is left of the group: SIGTERM, then SIGKILL. */
export async function end(pid: number): Promise<void> {
  const folder = running.get(pid)
  if (folder === undefined) return
  if (!(await gone(pid, 'SIGTERM', GRACE))) await gone(pid, 'SIGKILL', LAST)
  killStrays(folder)
}

/** Nothing is left of it. */
export function forget(pid: number): void {
  running.delete(pid)
  if (running.size === 0) process.off('exit', endAllAtOnce)
}

async function gone(pid: number, first: NodeJS.Signals, wait: number): Promise<boolean> {
  const until = performance.now() + wait
  for (let signal: NodeJS.Signals | 0 = first; send(pid, signal); signal = 0) {
    if (performance.now() > until) return false
    await sleep(PACE)
  }
  return true
}

/** @returns false when nobody is there. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  if (process.platform === 'win32') return signal !== 0 && endTree(pid)
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** Windows has no groups; its own tool follows the tree. */
function endTree(pid: number): boolean {
  const tool = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe')
  spawnSync(tool, ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' })
  return false
}

/** A process that made a session of its own still has the folder as its home. */
function killStrays(folder: string): void {
  if (process.platform !== 'linux') return
  const mark = `HOME=${folder}\0`
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (`${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`.includes(mark))
        process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended, or is somebody else's.
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
