/** A migration on a bad day: every request of it × every kind of fault. Then it is run again, and all is right. */
import { describe, expect, test } from '@jest/globals'
import type { FaultKind } from '../../sandbox/journal.ts'
import { ended, SHARE, type Place } from './cells.ts'
import { judged, lostIn, wrongAfterRerun, type BeforeMigration } from './migrations.ts'

/** ms one request may take: what hangs is given up sooner than in production. */
const TIMEOUT = 1_500
const WORLDS = 6
/** What is tried again without the migration noticing is an affair of the other matrices. */
const KINDS: readonly FaultKind[] = ['reset', '409', 'stale']
const INPUTS = { mode: 'migrate', 'repository-url': '', 'verification-timeout': '20' }

interface Cell {
  readonly kind: FaultKind
  readonly place: Place
}

interface Judged extends Cell {
  readonly reached: boolean
  readonly green: boolean
  readonly wrong: readonly string[]
}

describe('a migration, on a bad day,', () => {
  const all = judged<Cell, Judged>({
    worlds: WORLDS,
    timeout: TIMEOUT,
    run: (world) => world.run(INPUTS),
    cellsOf: (places) =>
      KINDS.flatMap((kind) =>
        places.filter(({ method }) => kind !== 'stale' || method === 'GET').map((place) => ({ kind, place }))
      ),
    judge
  })

  test.each(KINDS)('%s: no token is lost; run again, all is moved', (kind) => {
    const own = all.filter((one) => one.kind === kind)
    const green = own.filter((one) => one.green).length
    const unreached = own.filter((one) => !one.reached).length
    process.stdout.write(
      `fault matrix, a migration, ${kind}: ${own.length} cells${SHARE}, ${green} ended right at once, ${unreached} not reached\n`
    )
    expect(own.length).toBeGreaterThan(0)
    expect(own.flatMap(({ place, wrong }) => wrong.map((one) => `${JSON.stringify(place)}: ${one}`))).toEqual(
      []
    )
    expect(unreached).toBeLessThanOrEqual(Math.max(1, own.length * 0.1))
  })
})

async function judge({ world }: BeforeMigration, { kind, place }: Cell): Promise<Judged> {
  const { journal } = world.twin
  journal.order({ ...place, kind })
  const end = await ended(world.run(INPUTS))
  const reached = journal.hits > 0
  journal.calm()
  const green = 'verdict' in end && end.verdict.exitCode === 0
  const wrong = lostIn(world)
  if (!('verdict' in end)) wrong.push(`no report: ${String(end)}`)
  else if (!green && end.findings.every(({ severity }) => severity === 'note'))
    wrong.push('red without a reason')
  return { kind, place, reached, green, wrong: [...wrong, ...(await wrongAfterRerun(world))] }
}
