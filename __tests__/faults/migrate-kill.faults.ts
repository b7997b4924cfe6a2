/** A migration, killed at every boundary of a request: no token is lost, and the next run finishes it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runGitHubJob } from '../../sandbox/job.ts'
import { placesOf, SHARE, shareOf, type Place } from './cells.ts'
import {
  beforeMigration,
  isOfMigration,
  lostIn,
  wrongAfterRerun,
  type BeforeMigration
} from './migrations.ts'

interface Kill {
  readonly signal: 'SIGKILL' | 'SIGTERM'
  /** Before the request is handled (it never is), or once it was and before the answer is read. */
  readonly moment: 'before' | 'after'
}

const EVERYWHERE: Kill = { signal: 'SIGKILL', moment: 'after' }
const KILLS: readonly Kill[] = [
  { signal: 'SIGKILL', moment: 'before' },
  EVERYWHERE,
  { signal: 'SIGTERM', moment: 'after' }
]
const WORLDS = 3
const INPUTS = { mode: 'migrate', 'repository-url': '' }

interface Judged {
  readonly kill: Kill
  readonly place: Place
  readonly reached: boolean
  readonly wrong: readonly string[]
}

describe('a migration, ended at any request,', () => {
  let worlds: BeforeMigration[] = []
  const judged: Judged[] = []
  beforeAll(async () => {
    worlds = await Promise.all(Array.from({ length: WORLDS }, () => beforeMigration()))
    const [first] = worlds
    if (!first) throw new Error('no world')
    first.world.twin.journal.clear()
    await runGitHubJob({
      environment: first.world.twin.environment,
      inputs: INPUTS
    })
    const places = placesOf(first.world.twin.journal.entries).filter(isOfMigration)
    // Between two writes nothing changes: every read is the same boundary as the write before it.
    const writes = places.filter(({ method }) => method !== 'GET')
    const queue = shareOf(
      KILLS.flatMap((kill) => (kill === EVERYWHERE ? places : writes).map((place) => ({ kill, place })))
    )
    await Promise.all(
      worlds.map(async (one) => {
        for (let cell = queue.shift(); cell; cell = queue.shift()) judged.push(await judge(one, cell))
      })
    )
  }, 900_000)
  afterAll(() => Promise.all(worlds.map(({ world }) => world.twin.close())))

  test.each(KILLS)('by $signal $moment it is handled: run again, all is moved', ({ signal, moment }) => {
    const own = judged.filter(({ kill }) => kill.signal === signal && kill.moment === moment)
    const unreached = own.filter(({ reached }) => !reached).length
    process.stdout.write(
      `kill matrix, a migration, ${signal} ${moment}: ${own.length} cells${SHARE}, ${unreached} not reached\n`
    )
    expect(own.flatMap(({ place, wrong }) => wrong.map((one) => `${JSON.stringify(place)}: ${one}`))).toEqual(
      []
    )
    expect(own.length).toBeGreaterThan(0)
    expect(unreached).toBeLessThanOrEqual(own.length * 0.1)
  })
})

async function judge(
  { world, restore }: BeforeMigration,
  { kill, place }: Pick<Judged, 'kill' | 'place'>
): Promise<Judged> {
  restore()
  const { twin } = world
  twin.journal.clear()
  let end: ((signal: NodeJS.Signals) => void) | undefined
  let reached = false
  const tell = (): void => {
    reached = true
    end?.(kill.signal)
  }
  twin.journal.waitFor({ ...place, moment: kill.moment, tell })
  const job = await runGitHubJob({
    environment: twin.environment,
    inputs: INPUTS,
    onStart: (signal) => {
      end = signal
    }
  })
  twin.journal.calm()
  const wrong = lostIn(world)
  if (kill.signal === 'SIGTERM' && (job.stderr !== '' || job.stdout.includes('Defect of Patless')))
    wrong.push(`untyped: ${job.stderr}`)
  return { kill, place, reached, wrong: [...wrong, ...(await wrongAfterRerun(world))] }
}
