/** Audits of half and whole of a large cluster, then of two organizations with the shape of a real one. */
import { NO_LAG, startTwin } from '../sandbox/twin.ts'
import { fill, pagesOf, requestsOf } from './audit.ts'
import { atMost, timed } from './budgets.ts'
import { measured } from './jobs.ts'

export async function audits(): Promise<void> {
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
      times.push(await timed(async () => (peak = (await measured(twin, inputs)).memory)))
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
