/** A hundred clusters with five repositories each, in one process: their check beside the same work divided by eight. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fleetFile, startFleet } from '../sandbox/fleet.ts'
import { NO_LAG, startTwin, type Twin } from '../sandbox/twin.ts'
import { atMost, line, timed } from './budgets.ts'
import { measured, type Inputs } from './jobs.ts'

const COUNT = 100
const REPOSITORIES = 5
const AT_ONCE = 8
const LATENCY = 50
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
    line('', `peak memory of the first apply on ${COUNT} clusters`, `${ofApply.toFixed(0)} MiB`)
    twin.journal.latency = LATENCY
    const check = { mode: 'check', verification: 'access' }
    const named = (count: number): string =>
      Array.from({ length: count }, (_none, nth) => `direct-${nth + 1}`).join('\n')
    const one = await timed(() => run({ ...check, target: named(1) }))
    const several = await timed(() => run({ ...check, target: named(1 + ALONE), concurrency: '1' }))
    let peak = 0
    const all = await timed(async () => {
      const { memory, outputs } = await run({ ...check, concurrency: String(AT_ONCE) })
      peak = memory
      if (outputs['verified'] !== String(COUNT)) throw new Error('a cluster is not verified')
    })
    // What is for the whole run, such as its start and its login, is not divided.
    const each = (several - one) / ALONE
    const ideal = one - each + (each * COUNT) / AT_ONCE
    line('', `check of one of ${COUNT} clusters with ${REPOSITORIES} repositories`, `${each.toFixed(0)} ms`)
    // No budget: the twin's share of the processor grows with the targets, so two cores are the limit, not the waits.
    const ratio = `${(all / ideal).toFixed(2)}×`
    line('', `check of ${COUNT} clusters in one process at ${LATENCY} ms : the work / ${AT_ONCE}`, ratio)
    atMost(250, 'peak memory of it', peak, ' MiB')
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
