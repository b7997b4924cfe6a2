/** A hundred clusters with five repositories each, in one process: their check beside the same work divided by eight. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fleetFile, startFleet } from '../sandbox/fleet.ts'
import { NO_LAG, startTwin, type Twin } from '../sandbox/twin.ts'
import { atMost, line } from './budgets.ts'
import { measured, type Inputs } from './jobs.ts'

const COUNT = 100
const REPOSITORIES = 5
const AT_ONCE = 8
const LATENCY = 50
const RUNS = 5
/** Of which the work of one target is measured. */
const ALONE = 4
/** Inputs of the twin's job that are about its one cluster. */
const NONE: Inputs = { cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' }

export async function oneProcess(): Promise<void> {
  const twin = await startTwin(NO_LAG)
  try {
    const targets = await fleetOf(twin)
    const run = (inputs: Inputs) => measured(twin, { ...NONE, targets, ...inputs })
    const { memory: ofApply } = await run({ mode: 'apply', verification: 'none' })
    atMost(250, `peak memory of the first apply on ${COUNT} clusters`, ofApply, ' MiB')
    twin.journal.latency = LATENCY
    const check = { mode: 'check', verification: 'access' }
    const named = (count: number): string =>
      Array.from({ length: count }, (_none, nth) => `direct-${nth + 1}`).join('\n')
    let [one, several, all, memory] = [Infinity, Infinity, Infinity, 0]
    // Other work on the machine only adds to a time, so the least counts.
    for (let nth = 0; nth < RUNS; nth += 1) {
      one = Math.min(one, (await run({ ...check, target: named(1) })).ms)
      several = Math.min(several, (await run({ ...check, target: named(1 + ALONE), concurrency: '1' })).ms)
      const whole = await run({ ...check, concurrency: String(AT_ONCE) })
      if (whole.outputs['verified'] !== String(COUNT)) throw new Error('a cluster is not verified')
      all = Math.min(all, whole.ms)
      memory = Math.max(memory, whole.memory)
    }
    // What is for the whole run, such as its start and its login, is not divided.
    const each = (several - one) / ALONE
    const ideal = one - each + (each * COUNT) / AT_ONCE
    line('', `check of one of ${COUNT} clusters with ${REPOSITORIES} repositories`, `${each.toFixed(0)} ms`)
    const what = `check of ${COUNT} clusters in one process at ${LATENCY} ms : the work / ${AT_ONCE}`
    atMost(1.2, what, all / ideal, '×')
    atMost(250, 'peak memory of it', memory, ' MiB')
  } finally {
    await twin.close()
  }
}

async function fleetOf(twin: Twin): Promise<string> {
  twin.defect('fifty-repositories')
  const fleet = await startFleet(twin, Array<'direct'>(COUNT).fill('direct'), 1)
  const place = (nth: number): string =>
    (twin.environment['SANDBOX_REPOSITORY_URL'] ?? '').replace(/\/_git\/.*$/, `/_git/service-${nth}`)
  const urlsOf = (index: number): string =>
    Array.from({ length: REPOSITORIES }, (_none, nth) => place(((index * REPOSITORIES + nth) % 50) + 1)).join(
      ', '
    )
  const path = join(twin.temporary, 'hundred.yaml')
  const targets = fleet.map(({ name, values }, index) => ({
    name,
    values: { ...values, 'repository-url': `[${urlsOf(index)}]` }
  }))
  writeFileSync(path, fleetFile(targets))
  return path
}
