/** A migration on a bad day: every request of it × every kind of fault. Then it is run again, and all is right. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { FaultKind } from '../../sandbox/journal.ts'
import { ended, placesOf, SHARE, shareOf, type Place } from './cells.ts'
import {
  beforeMigration,
  isOfMigration,
  lostIn,
  wrongAfterRerun,
  type BeforeMigration
} from './migrations.ts'

/** ms one request may take: what hangs is given up sooner than in production. */
const TIMEOUT = 1_500
const WORLDS = 6
/** What is tried again without the migration noticing is an affair of the other matrices. */
const KINDS: readonly FaultKind[] = ['reset', '409', 'stale']
const INPUTS = { mode: 'migrate', 'repository-url': '', 'verification-timeout': '20' }

interface Judged {
  readonly kind: FaultKind
  readonly place: Place
  readonly reached: boolean
  readonly green: boolean
  readonly wrong: readonly string[]
}

describe('a migration, on a bad day,', () => {
  let worlds: BeforeMigration[] = []
  const judged: Judged[] = []
  beforeAll(async () => {
    worlds = await Promise.all(Array.from({ length: WORLDS }, () => beforeMigration(TIMEOUT)))
    const [first] = worlds
    if (!first) throw new Error('no world')
    first.world.twin.journal.clear()
    await first.world.run(INPUTS)
    const places = placesOf(first.world.twin.journal.entries).filter(isOfMigration)
    const queue = shareOf(
      KINDS.flatMap((kind) =>
        places.filter(({ method }) => kind !== 'stale' || method === 'GET').map((place) => ({ kind, place }))
      )
    )
    await Promise.all(
      worlds.map(async (one) => {
        for (let cell = queue.shift(); cell; cell = queue.shift()) judged.push(await judge(one, cell))
      })
    )
  }, 900_000)
  afterAll(() => Promise.all(worlds.map(({ world }) => world.twin.close())))

  test.each(KINDS)('%s: no token is lost; run again, all is moved', (kind) => {
    const own = judged.filter((one) => one.kind === kind)
    const green = own.filter((one) => one.green).length
    const unreached = own.filter((one) => !one.reached).length
    process.stdout.write(
      `fault matrix, a migration, ${kind}: ${own.length} cells${SHARE}, ${green} ended right at once, ${unreached} not reached\n`
    )
    expect(own.length).toBeGreaterThan(0)
    expect(own.flatMap(({ place, wrong }) => wrong.map((one) => `${JSON.stringify(place)}: ${one}`))).toEqual(
      []
    )
    expect(unreached).toBeLessThanOrEqual(own.length * 0.1)
  })
})

async function judge(
  { world, restore }: BeforeMigration,
  { kind, place }: Pick<Judged, 'kind' | 'place'>
): Promise<Judged> {
  restore()
  const { journal } = world.twin
  journal.clear()
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
