/** The fault matrix of one mode: every request of its run × every kind of bad day, once and three times in a row. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { WorldUnderTest } from '../../sandbox/in-process.ts'
import { FAULTS, type FaultKind } from '../../sandbox/journal.ts'
import {
  anHourPasses,
  ended,
  faultsOf,
  inWorlds,
  placesOf,
  remains,
  SHARE,
  shareOf,
  startWorlds,
  type Mode,
  type Place
} from './cells.ts'

interface Cell {
  readonly place: Place
  readonly kind: FaultKind
  readonly times: number
}

interface Judged {
  readonly cell: Cell
  /** Whether the bad day was met: a faster neighbour may change who asks first. */
  readonly reached: boolean
  readonly green: boolean
  readonly wrong: readonly string[]
}

/** Planes and paths that the proof asks, the login's own among them. */
const OF_PROOF = /^(?:git|entra|oidc) |token/
/** The proof reads the Secrets again, for the URL and the proxy that Argo CD would use. */
const isOfProof = ({ service, path, nth }: Place): boolean =>
  OF_PROOF.test(`${service} ${path}`) || (path.includes('/secrets(') && nth > 1)
const TIMES = [3, 1]
const WORLDS = 16
/** ms one request may take: what hangs is given up sooner than in production. */
const TIMEOUT = 2_500
const QUICK = { 'verification-timeout': '60' }
/** `stale` is the answer before the last one: only what is read has such. */
const KINDS: readonly FaultKind[] = ['hang', ...FAULTS.filter((kind) => kind !== 'hang')]

/** What a matrix is of. */
export interface Run {
  readonly name: string
  readonly mode: Mode
  /** Whether the chain stands before the run. */
  readonly built: boolean
  readonly inputs: Readonly<Record<string, string>>
  /** Which of its requests; absent: all. The others are another matrix' affair. */
  readonly only?: (place: Place) => boolean
  /** Cells are shared out, although they are a part. */
  readonly shared?: true
}

export function faultMatrix(run: Run): void {
  const { name, mode, built, only, shared = only === undefined } = run
  describe(`${name}, on a bad day,`, () => {
    let worlds: WorldUnderTest[] = []
    let judged: Judged[] = []
    beforeAll(async () => {
      worlds = await startWorlds(WORLDS, TIMEOUT)
      const all = await cellsOf(worlds, run)
      // What is a part already is small, and not shared out unless it says so.
      const cells = shared ? shareOf(all) : all
      const ready = new Set<WorldUnderTest>()
      judged = await inWorlds(worlds, cells, async (world, cell) => {
        if (!ready.has(world)) await prepared(world, built)
        const one = await judge(world, cell, run)
        // What only read, and was right, leaves the world as it found it.
        if (one.green && built && mode !== 'remove' && !only) ready.add(world)
        else ready.delete(world)
        return one
      })
    }, 900_000)
    afterAll(() => Promise.all(worlds.map(({ twin }) => twin.close())))

    test.each(KINDS)(
      '%s: ends right, or names service, resource and remedy; run again, all is right',
      (kind) => {
        const own = judged.filter(({ cell }) => cell.kind === kind)
        const count = (which: (one: Judged) => boolean): number => own.filter(which).length
        const [green, unreached] = [count((one) => one.green), count((one) => !one.reached)]
        process.stdout.write(
          `fault matrix, ${name}, ${kind}: ${own.length} cells${shared ? SHARE : ''}, ${green} ended right at once, ${own.length - green} told why not, ${unreached} not reached\n`
        )
        expect(own.length).toBeGreaterThan(0)
        expect(
          own.flatMap(({ cell, wrong }) => wrong.map((one) => `${JSON.stringify(cell)}: ${one}`))
        ).toEqual([])
        expect(unreached).toBeLessThanOrEqual(Math.max(1, own.length * 0.05))
      }
    )
  })
}

async function cellsOf(
  [world]: readonly WorldUnderTest[],
  { mode, built, inputs, only }: Run
): Promise<Cell[]> {
  if (!world) throw new Error('no world')
  await prepared(world, built)
  await world.run({ mode, ...inputs, ...QUICK })
  const places = placesOf(world.twin.journal.entries).filter((place) => !only || only(place))
  return TIMES.flatMap((times) =>
    KINDS.flatMap((kind) =>
      places
        .filter(({ method }) => kind !== 'stale' || method === 'GET')
        .map((place) => ({ place, kind, times }))
    )
  )
}

async function prepared(world: WorldUnderTest, built: boolean): Promise<void> {
  world.twin.reset()
  if (built) await world.apply({ verification: 'none' })
  world.twin.journal.clear()
}

async function judge(world: WorldUnderTest, cell: Cell, run: Run): Promise<Judged> {
  const { mode, inputs, only } = run
  const { journal } = world.twin
  world.printed.length = 0
  journal.clear()
  journal.order({ ...cell.place, kind: cell.kind, times: cell.times })
  // The proof starts a dozen processes: only where its own requests, or those it rests on, go wrong.
  const proves = only !== undefined || isOfProof(cell.place)
  const proof = proves ? {} : { verification: 'none' }
  const end = await ended(world.run({ mode, ...inputs, ...QUICK, ...proof }))
  const reached = journal.hits > 0
  journal.calm()
  const green = 'verdict' in end && end.verdict.exitCode === 0
  const word = proves && mode !== 'remove' ? 'verified' : 'skipped'
  anHourPasses(world)
  // A probe that could not be swept was noted; the next run that asks Argo CD takes it away.
  const noted = 'verdict' in end && end.findings.some(({ verification }) => verification === 'argocd')
  if (noted && mode !== 'remove') await world.apply({ ...inputs, ...QUICK })
  const wrong = [...faultsOf(end, word), ...(await wrongAfterwards(world, run, green))]
  return { cell, reached, green, wrong }
}

/** A run that was green must have left nothing to do; after a red one, running again must suffice. */
async function wrongAfterwards(
  world: WorldUnderTest,
  { mode, inputs, built }: Run,
  green: boolean
): Promise<string[]> {
  // What was right, and was not written, still is.
  if (green && built && mode !== 'remove' && world.writes().length === 0) return remains(world, 1)
  if (mode === 'remove') {
    const again = green ? undefined : await world.run({ mode })
    const idle = again === undefined || again.verdict.exitCode === 0
    return [...(idle ? [] : [`removing again: ${again.verdict.summary}`]), ...remains(world, 0)]
  }
  const again = green
    ? await world.check({ ...inputs, verification: 'none' })
    : await world.apply({ ...inputs, ...QUICK })
  const { verdict, outputs, findings } = again
  const right = verdict.exitCode === 0 && (green || outputs.verification === 'verified')
  const what = `not right in the end: ${verdict.summary} ${JSON.stringify(findings)}`
  return [...(right ? [] : [what]), ...remains(world, 1)]
}
