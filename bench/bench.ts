/**
 * The budgets, as ratios of one run on one machine; nothing here is a timed test.
 * `npm run bench` prints one line per budget: the figure, the limit, and whether it holds.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runGitHubJob, BUNDLE } from '../sandbox/job.ts'
import { NO_LAG, startTwin, type Twin } from '../sandbox/twin.ts'
import { depthOf } from './depth.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const RUNS = 9

function report(what: string, value: number, limit: number, unit = ''): void {
  const holds = value <= limit
  process.stdout.write(
    `${holds ? 'ok  ' : 'OVER'} ${what.padEnd(66)} ${value.toFixed(2)}${unit} (limit ${limit}${unit})\n`
  )
  if (!holds) process.exitCode = 1
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Wall time of a whole process, in ms. */
function timed(entry: string, environment: Record<string, string>): number {
  const started = performance.now()
  spawnSync(process.execPath, [entry], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: 'ignore'
  })
  return performance.now() - started
}

/** Alternating, so that both meet the same machine. */
function coldStart(): { ratio: number; ms: number } {
  // Inside the project, so that it finds @actions/core.
  const folder = mkdtempSync(join(ROOT, 'node_modules', '.cache-bench-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n')
    writeFileSync(
      join(folder, 'hello.js'),
      "import * as core from '@actions/core'\ncore.setFailed(core.getInput('who') || 'nobody')\n"
    )
    execFileSync(
      join(ROOT, 'node_modules/.bin/ncc'),
      ['build', join(folder, 'hello.js'), '-o', join(folder, 'dist')],
      { stdio: 'ignore' }
    )
    const environment = { GITHUB_ACTIONS: 'true', INPUT_MODE: 'nonsense' }
    const hello: number[] = []
    const own: number[] = []
    for (let run = 0; run < RUNS + 1; run += 1) {
      hello.push(timed(join(folder, 'dist/index.js'), environment))
      own.push(timed(BUNDLE, environment))
    }
    return { ratio: median(own.slice(1)) / median(hello.slice(1)), ms: median(own.slice(1)) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function check(twin: Twin, inputs: Record<string, string> = {}): Promise<{ ms: number; peak: number }> {
  const started = performance.now()
  const memory = `${twin.temporary}/memory`
  // The peak is written by the process itself at its end: no tool of the machine is needed.
  const preload = join(twin.temporary, 'peak.mjs')
  writeFileSync(
    preload,
    `import { writeFileSync } from 'node:fs'\nprocess.on('exit', () => writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS)))\n`
  )
  const { exitCode, stdout } = await runGitHubJob({
    environment: { ...twin.environment, NODE_OPTIONS: `--import=${preload}` },
    inputs: { mode: 'check', ...inputs }
  })
  if (exitCode !== 0) throw new Error(`the check failed:\n${stdout}`)
  const { readFileSync } = await import('node:fs')
  return { ms: performance.now() - started, peak: Number(readFileSync(memory, 'utf8')) / 1024 }
}

const start = coldStart()
report('cold start to the first input error : hello world with @actions/core', start.ratio, 1.0, '×')
const bytes = readdirSync(join(ROOT, 'dist')).reduce(
  (sum, name) => sum + statSync(join(ROOT, 'dist', name)).size,
  0
)
report('bundle', bytes / 1e6, 7, ' MB')

const twin = await startTwin(NO_LAG)
try {
  const first = await runGitHubJob({ environment: twin.environment })
  if (first.exitCode !== 0) throw new Error(`the first apply failed:\n${first.stdout}`)
  twin.journal.clear()
  twin.journal.latency = 50
  await check(twin)
  const all = twin.journal.entries
  const own = all.filter(
    ({ plane, path }) => !['entra', 'oidc', 'git'].includes(plane) && !path.endsWith('/token')
  )
  report('requests of a check, logins and proof aside', own.length, 14)
  report('sequential round trips of them', depthOf(own), 4)
  // What the services ask of one another (Entra reads the issuers' keys) is no round trip of the run.
  const trips = all.filter(
    ({ path }) => !/\.well-known\/openid-configuration$|\/keys$|\/jwks$/.test(path.split('?')[0] ?? '')
  )
  const depth = depthOf(trips)
  report('sequential round trips with logins and proof', depth, 10)
  twin.journal.latency = 0
  const still = await check(twin)
  report('peak memory of a check', still.peak, 130, ' MiB')
  const base = median([still.ms, (await check(twin)).ms, (await check(twin)).ms])
  for (const latency of [50, 200]) {
    twin.journal.latency = latency
    twin.journal.clear()
    const { ms } = await check(twin)
    report(
      `wall time of a check at ${latency} ms : depth × latency + the same without`,
      ms / (depthOf(twin.journal.entries) * latency + base),
      1.25,
      '×'
    )
  }
} finally {
  await twin.close()
}
