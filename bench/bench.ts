/**
 * The performance budgets of Patless, as ratios within one run on one machine; no test depends on absolute times.
 * `npm run bench` prints one line per budget: the figure, the limit, and whether it holds. Figures without a limit give
 * context for the others.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildByHand, cloudByHand, handOf, has, logInByHand, proveByHand } from '../sandbox/by-hand.ts'
import { BUNDLE, runGitHubJob, type JobResult } from '../sandbox/job.ts'
import type { Entry } from '../sandbox/journal.ts'
import { NO_LAG, startTwin, type Twin } from '../sandbox/twin.ts'
import { fill, pagesOf, requestsOf } from './audit.ts'
import { depthOf } from './depth.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const RUNS = 15
const LATENCIES = [50, 200] as const
/** Latency of the services, in ms: long enough to make the machine's own work negligible. */
const LAG = { credential: 4_000, directory: 3_000, membership: 2_500, podStart: 3_500, extension: 0 }
/**
 * Propagation delays that a run must wait out: of a new identity and of a new membership. Other work fits in between.
 */
const LONGEST_WAIT = LAG.directory + LAG.membership

function line(mark: string, what: string, figure: string): void {
  process.stdout.write(`${mark.padEnd(4)} ${what.padEnd(74)} ${figure}\n`)
}

function atMost(limit: number, what: string, value: number, unit = ''): void {
  budget(value <= limit, what, `${value.toFixed(2)}${unit} (at most ${limit}${unit})`)
}

function budget(holds: boolean, what: string, figure: string): void {
  line(holds ? 'ok' : 'OVER', what, figure)
  if (!holds) process.exitCode = 1
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** @returns the duration in ms */
async function timed(work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

/**
 * Alternates the programs, so that both run under the same conditions. @returns ms of Patless until its first input
 * error
 */
async function coldStart(): Promise<number> {
  // Inside the project, so that Node finds @actions/core.
  const folder = mkdtempSync(join(ROOT, 'node_modules', '.cache-bench-'))
  const start = (entry: string): void => {
    const env = { PATH: process.env['PATH'], GITHUB_ACTIONS: 'true', INPUT_MODE: 'nonsense' }
    spawnSync(process.execPath, [entry], { env, stdio: 'ignore' })
  }
  try {
    const hello = join(folder, 'hello.js')
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n')
    writeFileSync(
      hello,
      "import * as core from '@actions/core'\ncore.setFailed(core.getInput('who') || 'nobody')\n"
    )
    const ncc = join(ROOT, 'node_modules/.bin/ncc')
    execFileSync(ncc, ['build', hello, '-o', join(folder, 'dist')], { stdio: 'ignore' })
    const others: number[] = []
    const own: number[] = []
    for (let run = 0; run < RUNS + 1; run += 1) {
      others.push(
        await timed(() => {
          start(join(folder, 'dist/index.js'))
        })
      )
      own.push(
        await timed(() => {
          start(BUNDLE)
        })
      )
    }
    const [other, mine] = [median(others.slice(1)), median(own.slice(1))]
    atMost(1, 'cold start to the first input error : hello world with @actions/core', mine / other, '×')
    return mine
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function bundle(): void {
  const files = readdirSync(join(ROOT, 'dist')).map((name) => statSync(join(ROOT, 'dist', name)).size)
  atMost(7, 'bundle', files.reduce((sum, size) => sum + size, 0) / 1e6, ' MB')
}

async function inOrder(job: Promise<JobResult>): Promise<void> {
  const { exitCode, stdout } = await job
  if (exitCode !== 0) throw new Error(`the run failed:\n${stdout.replaceAll(/^::add-mask::.*$/gm, '')}`)
}

const apply = (twin: Twin, inputs: Readonly<Record<string, string>> = {}): Promise<void> =>
  inOrder(runGitHubJob({ environment: twin.environment, inputs }))

/** @returns peak memory in MiB, which the process itself writes at its end, so that no other tool is needed */
async function peakOf(twin: Twin, inputs: Readonly<Record<string, string>>): Promise<number> {
  const memory = join(twin.temporary, 'memory')
  const preload = join(twin.temporary, 'peak.mjs')
  writeFileSync(
    preload,
    `import { writeFileSync } from 'node:fs'\nprocess.on('exit', () => writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS)))\n`
  )
  const environment = { ...twin.environment, NODE_OPTIONS: `--import=${preload}` }
  await inOrder(runGitHubJob({ environment, inputs }))
  return Number(readFileSync(memory, 'utf8')) / 1024
}

const check = (twin: Twin): Promise<number> => peakOf(twin, { mode: 'check' })

/** Excludes requests between the services (Entra reads the issuers' keys), which are not round trips of the run. */
const isOwn = ({ path }: Entry): boolean =>
  !/\.well-known\/openid-configuration$|\/keys$|\/jwks$/.test(path.split('?')[0] ?? '')
const isHop = ({ service, path }: Entry): boolean =>
  !['entra', 'oidc', 'git'].includes(service) && !path.endsWith('/token')

async function checks(cold: number): Promise<void> {
  const twin = await startTwin(NO_LAG)
  try {
    await apply(twin)
    const still: number[] = []
    const peaks: number[] = []
    for (let run = 0; run < 5; run += 1) still.push(await timed(async () => peaks.push(await check(twin))))
    atMost(130, 'peak memory of a check', median(peaks), ' MiB')
    const base = median(still)
    line('', 'wall time of a check at 0 ms : cold start', `${(base / cold).toFixed(2)}×`)
    for (const latency of LATENCIES) {
      twin.journal.latency = latency
      twin.journal.clear()
      const ms = await timed(() => check(twin))
      const { entries } = twin.journal
      const hops = entries.filter(isHop)
      const depth = depthOf(entries.filter(isOwn))
      if (latency === LATENCIES.at(-1)) {
        // Counted with long round trips: otherwise unrelated requests would look like a chain.
        atMost(14, 'requests of a check, logins and proof aside', hops.length)
        atMost(4, 'sequential round trips of them', depthOf(hops))
        atMost(10, 'sequential round trips with logins and proof', depth)
      }
      // In the twin, requests between the services also take time.
      const share = (ms - base) / (depthOf(entries) * latency)
      atMost(1.25, `wall time ${latency} ms add to a check : depth × latency`, share, '×')
    }
  } finally {
    await twin.close()
  }
}

/** Runs the same apply with and without propagation delays: the difference is the waiting time. */
async function firstApply(): Promise<void> {
  const walls: number[] = []
  for (const lag of [NO_LAG, LAG]) {
    const twin = await startTwin(lag)
    try {
      walls.push(await timed(() => apply(twin)))
    } finally {
      await twin.close()
    }
  }
  const [still = 0, lagging = 0] = walls
  const share = (lagging - still) / LONGEST_WAIT
  atMost(1.25, 'waits of a first apply : longest chain of waits the services impose', share, '×')
}

/** Both log in, build and verify with token and git; the registration of the twin's cloud in az does not count. */
async function byHand(): Promise<void> {
  const what = 'first apply : the same steps by az and kubectl'
  const lacking = ['az', 'kubectl', 'curl'].filter((tool) => !has(tool))
  if (lacking.length > 0) {
    line('SKIP', what, `not measured: there is no ${lacking.join(', no ')} on PATH`)
    return
  }
  const twin = await startTwin(NO_LAG)
  try {
    const hand = handOf(twin)
    await cloudByHand(twin, hand)
    const hands: number[] = []
    const own: number[] = []
    for (let run = 0; run < 3; run += 1) {
      twin.reset()
      hands.push(
        await timed(async () => {
          await logInByHand(hand)
          await buildByHand(twin, hand)
          await proveByHand(twin, hand)
        })
      )
      twin.reset()
      own.push(await timed(() => apply(twin, { verification: 'access' })))
    }
    const [theirs, ours] = [median(hands) / 1000, median(own) / 1000]
    const figure = `${(theirs / ours).toFixed(2)} times as fast: ${ours.toFixed(2)} s, ${theirs.toFixed(2)} s by hand (at least 10)`
    budget(theirs / ours >= 10, what, figure)
  } finally {
    await twin.close()
  }
}

/** Half and whole of a large cluster, then two organizations with the shape of a real one. */
async function audits(): Promise<void> {
  const half = { secrets: 500, applications: 2_500, applicationSets: 0 }
  const whole = { secrets: 1_000, applications: 5_000, applicationSets: 0 }
  const large = { secrets: 170, applications: 2_400, applicationSets: 580 }
  const times: number[] = []
  for (const shape of [half, whole, large]) {
    const twin = await startTwin(NO_LAG)
    try {
      fill(twin, shape)
      const { secrets, applications, applicationSets } = shape
      const what = `an audit of ${secrets} Secrets, ${applications} Applications, ${applicationSets} ApplicationSets`
      twin.journal.clear()
      let peak = 0
      const inputs = { mode: 'audit', 'repository-url': '', 'fail-on-stored-credentials': 'false' }
      times.push(await timed(async () => (peak = await peakOf(twin, inputs))))
      const extra = requestsOf(twin.journal.entries) - pagesOf(shape)
      atMost(6, `requests of ${what}, beside pages`, extra)
      atMost(200, `peak memory of ${what}`, peak, ' MiB')
    } finally {
      await twin.close()
    }
  }
  const [small = 0, twice = 0] = times
  atMost(2.2, 'time of an audit of twice the objects', twice / small, '×')
}

// With arguments, only what they name.
const names = process.argv.slice(2)
if (names.includes('audit')) {
  await audits()
  process.exit()
}
const cold = await coldStart()
bundle()
await audits()
await checks(cold)
await firstApply()
await byHand()
