/** A job in a place that somebody else filled: workspace, home, and the processes it leaves behind. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runGitHubJob, type JobOptions, type JobResult } from '../../sandbox/job.ts'

export interface Place {
  readonly folder: string
  readonly workspace: string
  readonly home: string
  /** A folder on PATH that nobody foreign can write to. */
  readonly bin: string
  /** Shell code that leaves a trace, and the traces left. */
  readonly trap: (name: string) => string
  readonly trapped: () => string[]
  /** In the environment of all that a job here starts. */
  readonly id: string
  readonly leave: () => void
}

export function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'patless-hostile-'))
  const [workspace, home, bin, traces] = ['workspace', 'home', 'bin', 'traces'].map((name) => {
    mkdirSync(join(folder, name))
    return join(folder, name)
  }) as [string, string, string, string]
  const id = `github_${randomUUID()}`
  return {
    folder,
    workspace,
    home,
    bin,
    id,
    trap: (name) => `echo run > ${join(traces, name)}`,
    trapped: () => readdirSync(traces),
    leave: () => {
      for (const { pid } of leftBy(id)) process.kill(pid, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

export function put(path: string, text: string, mode = 0o644): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

export const script = (path: string, text: string): string => put(path, `#!/bin/sh\n${text}\n`, 0o755)

/** A job that is killed when it does not end by itself. */
export function runIn(place: Place, options: JobOptions, limit = 20_000): Promise<JobResult> {
  let timer: NodeJS.Timeout | undefined
  const job = runGitHubJob({
    cwd: place.workspace,
    ...options,
    environment: {
      HOME: place.home,
      GITHUB_WORKSPACE: place.workspace,
      RUNNER_TRACKING_ID: place.id,
      ...options.environment
    },
    onStart: (kill) => {
      timer = setTimeout(() => {
        kill('SIGKILL')
      }, limit)
      options.onStart?.(kill)
    }
  })
  return job.finally(() => {
    clearTimeout(timer)
  })
}

/** Every process that has `mark` in its environment, zombies aside. */
export function leftBy(mark: string): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark)) return []
        const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
        return [{ pid: Number(name), command }]
      } catch {
        return []
      }
    })
}

/** What `leftBy` still finds after a moment, in which the kernel may take away what was killed. */
export async function remaining(mark: string): Promise<string[]> {
  for (let tries = 0; tries < 20 && leftBy(mark).length > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 25))
  return leftBy(mark).map(({ command }) => command)
}
