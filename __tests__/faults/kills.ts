/** The kill matrix: the committed bundle as a child process, ended at each request boundary of its run. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WorldUnderTest } from '../../sandbox/in-process.ts'
import { runGitHubJob, type JobResult } from '../../sandbox/job.ts'
import {
  anHourPasses,
  applicationsIn,
  inWorlds,
  placesOf,
  remains,
  SHARE,
  shareOf,
  SHARES,
  startWorlds,
  type Place
} from './cells.ts'

interface Kill {
  readonly signal: 'SIGKILL' | 'SIGTERM'
  /** Before the request is handled (it never is), or once it was and before the answer is read. */
  readonly moment: 'before' | 'after'
}

const KILLS: readonly Kill[] = [
  { signal: 'SIGKILL', moment: 'before' },
  { signal: 'SIGKILL', moment: 'after' },
  { signal: 'SIGTERM', moment: 'after' }
]
const WORLDS = 4
/** A runner takes a cancelled job away after this long, in ms. */
const GRACE = 7_500

interface Judged {
  readonly kill: Kill
  readonly place: Place
  readonly reached: boolean
  readonly wrong: readonly string[]
}

export function killMatrix(mode: 'apply' | 'remove'): void {
  describe(`${mode}, ended at any request,`, () => {
    let worlds: WorldUnderTest[] = []
    let judged: Judged[] = []
    beforeAll(async () => {
      worlds = await startWorlds(WORLDS)
      const places = await placesIn(worlds, mode)
      const cells = shareOf(KILLS.flatMap((kill) => places.map((place) => ({ kill, place }))))
      judged = await inWorlds(worlds, cells, (world, cell) => judge(world, cell, mode))
    }, 900_000)
    afterAll(async () => {
      await Promise.all(worlds.map(({ twin }) => twin.close()))
      for (const folder of [HOME, TMPDIR]) rmSync(folder, { recursive: true, force: true })
    })

    test.each(KILLS)('by $signal $moment it is handled: run again, all is right', ({ signal, moment }) => {
      const own = judged.filter(({ kill }) => kill.signal === signal && kill.moment === moment)
      const unreached = own.filter(({ reached }) => !reached).map(({ place }) => JSON.stringify(place))
      process.stdout.write(
        `kill matrix, ${mode}, ${signal} ${moment}: ${own.length} cells${SHARE}, ${unreached.length} not reached ${unreached.join(' ')}\n`
      )
      expect(
        own.flatMap(({ place, wrong }) => wrong.map((one) => `${JSON.stringify(place)}: ${one}`))
      ).toEqual([])
      expect(own.length * SHARES).toBeGreaterThan(20)
      // How often a run asks while it waits is not the same each time; of a small share, one is already more than 5 %.
      expect(unreached.length).toBeLessThanOrEqual(Math.max(1, own.length * 0.05))
    })

    test('nothing is left on disk outside the folder that the runner empties', () => {
      expect([HOME, TMPDIR].flatMap((folder) => readdirSync(folder))).toEqual([])
    })
  })
}

/** What every killed job had for its home, and for a place of its own. */
const [HOME, TMPDIR] = [homeless('home'), homeless('tmp')]

function homeless(name: string): string {
  return mkdtempSync(join(tmpdir(), `patless-job-${name}-`))
}

async function prepared(world: WorldUnderTest, mode: 'apply' | 'remove'): Promise<void> {
  world.twin.reset()
  if (mode === 'remove') await world.apply({ verification: 'none' })
  world.twin.journal.clear()
}

async function placesIn([world]: readonly WorldUnderTest[], mode: 'apply' | 'remove'): Promise<Place[]> {
  if (!world) throw new Error('no world')
  await prepared(world, mode)
  await runGitHubJob({ environment: world.twin.environment, inputs: { mode } })
  return placesOf(world.twin.journal.entries)
}

async function judge(
  world: WorldUnderTest,
  { kill, place }: { readonly kill: Kill; readonly place: Place },
  mode: 'apply' | 'remove'
): Promise<Judged> {
  await prepared(world, mode)
  const { twin } = world
  let end: ((signal: NodeJS.Signals) => void) | undefined
  let killedAt = 0
  const tell = (): void => {
    killedAt = performance.now()
    end?.(kill.signal)
  }
  twin.journal.waitFor({ ...place, moment: kill.moment, tell })
  const onStart = (signal: (name: NodeJS.Signals) => void): void => {
    end = signal
  }
  const environment = { ...twin.environment, HOME, TMPDIR }
  const job = await runGitHubJob({ environment, inputs: { mode }, onStart })
  const took = performance.now() - killedAt
  twin.journal.calm()
  const reached = killedAt > 0
  const wrong = reached && kill.signal === 'SIGTERM' ? unsaid(job, took, mode) : []
  // The next run comes when nobody waits for the probe of this one any more.
  anHourPasses(world)
  // Where Argo CD was being asked it is asked again; elsewhere token and git say the same, and sooner.
  const proof = applicationsIn(world).length > 0 ? {} : { verification: 'access' }
  const again = await world.run({ mode, ...proof })
  const right = mode === 'remove' || again.outputs.verification === 'verified'
  if (again.verdict.exitCode !== 0 || !right)
    wrong.push(`run again: ${again.verdict.summary} ${JSON.stringify(again.findings)}`)
  wrong.push(...remains(world, mode === 'remove' ? 0 : 1))
  if (mode === 'apply') {
    const check = await world.check({ verification: 'none' })
    if (check.outputs.drift !== 'false') wrong.push(`drift: ${check.outputs.differences}`)
  }
  return { kill, place, reached, wrong }
}

/** A cancelled job ends in time and says what was done so far; one that was as good as done may also end well. */
function unsaid({ exitCode, stdout, stderr }: JobResult, took: number, mode: string): string[] {
  const wrong: string[] = []
  if (took > GRACE) wrong.push(`took ${Math.round(took)} ms to end`)
  if (stderr !== '' || stdout.includes('Bug in Patless')) wrong.push(`untyped: ${stderr}${stdout}`)
  if (exitCode === 0) return wrong
  if (!stdout.includes('Cancelling. Completed changes')) wrong.push('did not say that it stops')
  if (!/::error[^\n]*cancelled/i.test(stdout))
    wrong.push(`did not say it was cancelled: ${stdout.slice(-1500)}`)
  if (/let the runner reach|make sure that the runner can reach/.test(stdout))
    wrong.push('blames the network for a cancelled run')
  const wrote = /^[+~-] (\S+) +(?:created|updated|removed)/m.exec(stdout)
  if (wrote && !/::error[^\n]*Done so far: /.test(stdout))
    wrong.push(`${mode} did not say what was done so far`)
  return wrong
}
