/** How fast it starts, and how much there is to load. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUNDLE } from '../sandbox/job.ts'
import { NO_LAG, startTwin } from '../sandbox/twin.ts'
import { TITLES } from '../src/core/finding-titles.ts'
import { atMost, line, median, timed } from './budgets.ts'
import { apply, check, DIST } from './jobs.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const RUNS = 15

/** Alternates the programs, so that both run under the same conditions. */
export async function coldStart(): Promise<void> {
  // Inside the project, so that Node finds @actions/core.
  const folder = mkdtempSync(join(ROOT, 'node_modules', '.cache-bench-'))
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
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts a program that ends with an input error. */
export function start(entry: string): void {
  const env = { PATH: process.env['PATH'], GITHUB_ACTIONS: 'true', INPUT_MODE: 'nonsense' }
  spawnSync(process.execPath, [entry], { env, stdio: 'ignore' })
}

/** Our own code is recognized by the ids of findings, which nearly every file of it contains. */
export async function bundle(): Promise<void> {
  const sizeOf = (name: string): number => statSync(join(DIST, name)).size
  atMost(7, 'bundle', readdirSync(DIST).reduce((sum, name) => sum + sizeOf(name), 0) / 1e6, ' MB')
  const twin = await startTwin(NO_LAG)
  try {
    await apply(twin)
    const { loaded } = await check(twin)
    const names = loaded.flatMap((url) => /\/((?:\d+\.)?index\.js)$/.exec(url)?.[1] ?? [])
    const ids = Object.keys(TITLES)
    const own = names.filter((name) => {
      const text = readFileSync(join(DIST, name), 'utf8')
      return ids.some((id) => text.includes(`"${id}"`))
    })
    const kilobytes = own.map((name) => sizeOf(name) / 1e3)
    atMost(175, 'the chunk that every run loads', Math.max(...kilobytes), ' kB')
    const all = kilobytes.reduce((sum, one) => sum + one, 0)
    line('', `own code that a check loads, in ${own.length} of ${names.length} files`, `${all.toFixed(0)} kB`)
  } finally {
    await twin.close()
  }
}
