/** Runs of the bundle as a GitHub job, each of which has to be in order. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BUNDLE, runGitHubJob, type JobResult } from '../sandbox/job.ts'
import type { Twin } from '../sandbox/twin.ts'

export type Inputs = Readonly<Record<string, string>>

/** As most runs: the sandbox's own have the debug log. */
const USUAL = { RUNNER_DEBUG: '' }

/** The folder of the bundle. */
export const DIST = dirname(BUNDLE)

async function inOrder(job: Promise<JobResult>, expected: readonly number[] = [0]): Promise<JobResult> {
  const result = await job
  if (!expected.includes(result.exitCode))
    throw new Error(`the run failed:\n${result.stdout.replaceAll(/^::add-mask::.*$/gm, '')}`)
  return result
}

export function apply({ environment }: Twin, inputs: Inputs = {}): Promise<JobResult> {
  return inOrder(runGitHubJob({ environment: { ...environment, ...USUAL }, inputs }))
}

export interface Measured {
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** Of the process alone, from its start to its exit. */
  readonly ms: number
  /** Peak memory in MiB. */
  readonly memory: number
  /** Files of the bundle that were loaded. */
  readonly loaded: readonly string[]
}

/**
 * The process itself writes at its end what it used, so that no other tool is needed.
 *
 * @param expected exit codes
 */
export async function measured(twin: Twin, inputs: Inputs, expected?: readonly number[]): Promise<Measured> {
  const used = join(twin.temporary, 'used.json')
  const preload = join(twin.temporary, 'used.mjs')
  writeFileSync(
    preload,
    `import { registerHooks } from 'node:module'
import { readFileSync, writeFileSync } from 'node:fs'
const loaded = []
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
// The kernel's maxRSS begins with what the process had that started this one.
const peak = () => {
  try {
    return Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}
process.on('exit', () => {
  const memory = peak()
  writeFileSync(${JSON.stringify(used)}, JSON.stringify({ ms: performance.now(), memory, loaded }))
})\n`
  )
  const environment = { ...twin.environment, ...USUAL, NODE_OPTIONS: `--import=${preload}` }
  const { outputs, summary } = await inOrder(runGitHubJob({ environment, inputs }), expected)
  const own = JSON.parse(readFileSync(used, 'utf8')) as Pick<Measured, 'ms' | 'memory' | 'loaded'>
  return { outputs, summary, ...own }
}

export function check(twin: Twin, inputs: Inputs = {}): Promise<Measured> {
  return measured(twin, { ...inputs, mode: 'check' })
}
