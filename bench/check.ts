/** A check with everything in order: requests, sequential round trips, time, memory. */
import { BUNDLE } from '../sandbox/job.ts'
import type { Entry } from '../sandbox/journal.ts'
import { NO_LAG, startTwin } from '../sandbox/twin.ts'
import { atMost, line, median, timed } from './budgets.ts'
import { depthOf } from './depth.ts'
import { apply, check } from './jobs.ts'
import { start } from './start.ts'

const LATENCIES = [50, 200] as const
const RUNS = 5

/**
 * Excludes requests between the services (Entra reads the issuers' keys), which are not round trips of the run, and MSAL's
 * question about the authority, which it asks of the twin only: it knows Azure's own.
 */
const isOwn = ({ path }: Entry): boolean =>
  !/\.well-known\/openid-configuration$|\/keys$|\/jwks$/.test(path.split('?')[0] ?? '')
/** Logins and the verification of access aside. */
export const isHop = ({ service, path }: Entry): boolean =>
  !['entra', 'oidc', 'git'].includes(service) && !path.endsWith('/token')

export async function checks(): Promise<void> {
  const twin = await startTwin(NO_LAG)
  try {
    await apply(twin)
    const still: number[] = []
    const cold: number[] = []
    const peaks: number[] = []
    for (let run = 0; run < RUNS; run += 1) {
      cold.push(
        await timed(() => {
          start(BUNDLE)
        })
      )
      still.push(await timed(async () => peaks.push((await check(twin)).memory)))
    }
    atMost(130, 'peak memory of a check', median(peaks), ' MiB')
    const base = Math.min(...still)
    line('', 'wall time of a check at 0 ms : cold start', `${(base / Math.min(...cold)).toFixed(2)}×`)
    for (const latency of LATENCIES) {
      twin.journal.latency = latency
      const shares: number[] = []
      for (let run = 0; run < RUNS; run += 1) {
        twin.journal.clear()
        const ms = await timed(() => check(twin))
        // In the twin, requests between the services also take time.
        shares.push((ms - base) / (depthOf(twin.journal.entries) * latency))
      }
      const { entries } = twin.journal
      if (latency === LATENCIES.at(-1)) {
        // Counted with long round trips: otherwise unrelated requests would look like a chain.
        const hops = entries.filter(isHop)
        atMost(14, 'requests of a check, logins and proof aside', hops.length)
        atMost(4, 'sequential round trips of them', depthOf(hops))
        atMost(9, 'sequential round trips with logins and proof', depthOf(entries.filter(isOwn)))
      }
      atMost(1.25, `wall time ${latency} ms add to a check : depth × latency`, Math.min(...shares), '×')
    }
  } finally {
    await twin.close()
  }
}
