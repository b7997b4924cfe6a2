/** A thousand clusters: their plan, and the summary of their reports. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInProcess } from '../sandbox/in-process.ts'
import { NO_LAG, startTwin, type Twin } from '../sandbox/twin.ts'
import { assertReport } from '../sandbox/report-schema.ts'
import { atMost, line, timed } from './budgets.ts'
import { measured, type Inputs } from './jobs.ts'

const COUNT = 1_000
const LATENCY = 50
/** Inputs of the twin's job that are about its one cluster. */
const NONE: Inputs = { cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' }

export async function fleet(): Promise<void> {
  const twin = await startTwin(NO_LAG)
  try {
    await plan(twin)
    await summary(twin)
  } finally {
    await twin.close()
  }
}

function fileOf(twin: Twin, count: number): string {
  const path = join(twin.temporary, `targets-${count}.yaml`)
  const lines = Array.from({ length: count }, (_none, nth) => `  - cluster: aks-${nth + 1}`)
  writeFileSync(
    path,
    `identities: 90
defaults:
  identity-name: id-argocd-fleet
  identity-resource-group: rg-identities
  subscription-id: ${twin.environment['AZURE_SUBSCRIPTION_ID'] ?? ''}
  repository-url: ${twin.environment['SANDBOX_REPOSITORY_URL'] ?? ''}
targets:
${lines.join('\n')}
`
  )
  return path
}

/** With the credentials of 90 shared identities. */
async function plan(twin: Twin): Promise<void> {
  twin.journal.latency = LATENCY
  twin.journal.clear()
  const run = (count: number) => measured(twin, { ...NONE, mode: 'plan', targets: fileOf(twin, count) })
  await run(COUNT)
  const asked = twin.journal.entries.filter(({ service }) => service === 'arm')
  atMost(5, 'round trips of a plan of 1,000 clusters, logins aside', depthOf(asked))
  const times = { small: Infinity, large: Infinity }
  for (let nth = 0; nth < 3; nth += 1) {
    times.small = Math.min(times.small, await timed(() => run(COUNT / 4)))
    times.large = Math.min(times.large, await timed(() => run(COUNT)))
  }
  atMost(4, 'plan of 1,000 clusters : of 250', times.large / times.small, '×')
  twin.journal.latency = 0
}

/** How many requests follow each other: one begins after another has ended. */
function depthOf(entries: readonly { readonly start: number; readonly end: number }[]): number {
  let depth = 0
  let end = -Infinity
  for (const one of entries.toSorted((a, b) => a.end - b.end))
    if (one.start >= end) {
      depth += 1
      end = one.end
    }
  return depth
}

async function summary(twin: Twin): Promise<void> {
  const folder = join(twin.temporary, 'reports')
  await runInProcess({ mode: 'apply', verification: 'access' }, twin)
  const report = await runInProcess({ mode: 'check', verification: 'access' }, twin)
  for (let nth = 1; nth <= COUNT; nth += 1) {
    const place = join(folder, `report-${nth}`)
    mkdirSync(place, { recursive: true })
    const own = { ...report, target: { ...report.target, name: `aks-${nth}` } }
    if (nth === 1) assertReport(own)
    writeFileSync(join(place, 'report.json'), JSON.stringify(own))
  }
  const inputs = { ...NONE, mode: 'summarize', reports: folder, targets: fileOf(twin, COUNT) }
  let [time, memory] = [Infinity, 0]
  for (let nth = 0; nth < 3; nth += 1) {
    const started = performance.now()
    const { memory: peak, outputs } = await measured(twin, inputs)
    time = Math.min(time, performance.now() - started)
    memory = Math.max(memory, peak)
    if (outputs['verified'] !== String(COUNT)) throw new Error('a report is missing')
  }
  line('', 'size of one of these reports', `${(JSON.stringify(report).length / 1e3).toFixed(0)} kB`)
  atMost(2, 'summary of 1,000 reports, with the start of the program', time / 1_000, ' s')
  atMost(200, 'peak memory of it', memory, ' MiB')
}
