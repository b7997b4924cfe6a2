/** A migration, killed at every boundary of a request: no token is lost, and the next run finishes it or puts it back. */
import { describe, expect, test } from '@jest/globals'
import { runGitHubJob } from '../../sandbox/job.ts'
import { SHARE, type Place } from './cells.ts'
import { judged, lostIn, wrongAfterOther, wrongAfterRerun, type BeforeMigration } from './migrations.ts'

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

/** What runs next, in turn. */
const NEXT = ['migrate', 'apply', 'remove'] as const

interface Cell {
  readonly kill: Kill
  readonly place: Place
}

interface Judged extends Cell {
  readonly next: (typeof NEXT)[number]
  readonly reached: boolean
  readonly wrong: readonly string[]
}

describe('a migration, ended at any request,', () => {
  let turn = 0
  const all = judged<Cell, Judged>({
    worlds: WORLDS,
    run: ({ twin }) => runGitHubJob({ environment: twin.environment, inputs: INPUTS }),
    cellsOf(places) {
      // Between two writes nothing changes: every read is the same boundary as the write before it.
      const writes = places.filter(({ method }) => method !== 'GET')
      return KILLS.flatMap((kill) =>
        (kill === EVERYWHERE ? places : writes).map((place) => ({ kill, place }))
      )
    },
    judge(before, cell) {
      const next = NEXT[turn % NEXT.length] ?? 'migrate'
      turn += 1
      return judge(before, cell, next)
    }
  })

  test.each(KILLS)('by $signal $moment it is handled: run again, all is right', ({ signal, moment }) => {
    const own = all.filter(({ kill }) => kill.signal === signal && kill.moment === moment)
    const unreached = own.filter(({ reached }) => !reached).length
    process.stdout.write(
      `kill matrix, a migration, ${signal} ${moment}: ${own.length} cells${SHARE}, ${unreached} not reached\n`
    )
    expect(
      own.flatMap(({ place, next, wrong }) =>
        wrong.map((one) => `${JSON.stringify(place)}, then ${next}: ${one}`)
      )
    ).toEqual([])
    expect(own.length).toBeGreaterThan(0)
    expect(unreached).toBeLessThanOrEqual(Math.max(1, own.length * 0.1))
  })

  test.each(NEXT)('where the next run is %s, too', (mode) => {
    const own = all.filter(({ next }) => next === mode)
    expect(own.length).toBeGreaterThan(0)
    expect(own.filter(({ wrong }) => wrong.length > 0)).toEqual([])
  })
})

async function judge(
  { world }: BeforeMigration,
  { kill, place }: Cell,
  next: Judged['next']
): Promise<Judged> {
  const { twin } = world
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
  const later = next === 'migrate' ? await wrongAfterRerun(world) : await wrongAfterOther(world, next)
  return { kill, place, next, reached, wrong: [...wrong, ...later] }
}
