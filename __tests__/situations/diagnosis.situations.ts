/**
 * Each defect alone in a chain in order: never verified where Argo CD cannot read, and the first finding names it. Then
 * random pairs: both are named, the cause before the consequence.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { LINKS } from '../../src/diagnosis/rule.ts'
import { ruleOf } from '../../src/diagnosis/registry.ts'
import type { Report } from '../../src/report/report.ts'
import { BROKEN, NOT_OBSERVABLE, type Broken } from './defects.ts'
import { faultsOf } from '../diagnosis/runnable.ts'
import { Hands } from './hands.ts'

let world: WorldUnderTest
let hands: Hands
beforeAll(async () => {
  world = await startWorldUnderTest()
  hands = new Hands(world)
})
afterAll(() => world.twin.close())

const SOON = { 'verification-timeout': '1' }

async function broken({ defects, restart, asked, inputs, shape, on, diagnose }: Broken): Promise<Report> {
  if (shape) {
    world.twin.reset()
  } else if (on !== undefined) {
    world.twin.reset()
    world.twin.defect(on)
    await world.apply({ verification: 'access' })
  } else {
    await world.applied()
  }
  for (const defect of defects) world.twin.defect(defect)
  if (restart) await hands.restart()
  else await sleep(60)
  if (asked) {
    hands.letTimePass()
    hands.application()
    await hands.said()
  }
  if (diagnose) return world.run({ mode: 'diagnose', ...SOON, ...inputs })
  return shape ? world.apply({ ...SOON, ...inputs }) : world.check({ ...SOON, ...inputs })
}

const named: string[] = []
const candidates: string[] = []
const falseGreen: string[] = []

test.each(BROKEN.map((one) => [one.defects.join(' + '), one] as const))(
  '%s',
  async (name, one) => {
    const report = await broken(one)
    const found = report.findings.map(({ id }) => id)
    if (one.green) {
      expect(found).toContain(one.id)
      named.push(name)
      return
    }
    if (report.outputs.verification === 'verified' && report.verdict.exitCode === 0) falseGreen.push(name)
    if (found[0] === one.id) named.push(name)
    else candidates.push(`${name}: ${found.slice(0, 3).join(', ')}`)
    expect([name, found[0]]).toEqual([name, one.id])
    if (one.also !== undefined) expect(found).toContain(one.also)
    if (one.says) expect(JSON.stringify(report.findings[0])).toMatch(one.says)
    expect(report.findings.flatMap(faultsOf)).toEqual([])
  },
  60_000
)

/** Those that do not hide one another: of different places of the chain. */
const PAIRED = BROKEN.filter(
  ({ defects, id, shape, asked, green, restart }) =>
    [shape, asked, green, restart].every((flag) => flag === undefined) &&
    defects.length === 1 &&
    /^(?:workload\/(?:label|annotation-missing|other-tenant|skipped|set-by)|federated-credential\/(?:issuer|audience|subject-differs)|entitlement\/(?:stakeholder|inactive)|connection\/(?:stored|flag|duplicate|key|not-readable))/.test(
      id
    )
)

/** Numbers that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const PAIRS = 50
const random = seeded(19)
const placeOf = (id: string): string => ruleOf(id)?.link ?? ''
const pairs: (readonly [string, Broken, Broken])[] = []
while (pairs.length < PAIRS) {
  const [one, other] = [1, 2].map(() => PAIRED[Math.floor(random() * PAIRED.length)])
  if (!one || !other || placeOf(one.id) === placeOf(other.id)) continue
  pairs.push([`${one.defects.join()} and ${other.defects.join()}, ${pairs.length + 1}`, one, other])
}

test.each(pairs)(
  'both: %s',
  async (_name, one, other) => {
    const report = await broken({ ...one, defects: [...one.defects, ...other.defects] })
    const found = report.findings.filter(({ because }) => because === undefined).map(({ id }): string => id)
    expect(found).toEqual(expect.arrayContaining([one.id, other.id]))
    const order = (id: string): number => LINKS.findIndex((link) => link === placeOf(id))
    const [first = '', second = ''] = [one.id, other.id].toSorted((a, b) => order(a) - order(b))
    expect(found.indexOf(first)).toBeLessThan(found.indexOf(second))
    expect(report.outputs.verification).not.toBe('verified')
  },
  60_000
)

test('all that can be observed is named', () => {
  const hidden = Object.entries(NOT_OBSERVABLE)
  process.stdout.write(
    `\nnamed ${named.length}, candidate ${candidates.length}, not observable from outside ${hidden.length}, false green ${falseGreen.length}, false red 0\n${[
      ...candidates.map((one) => `candidate: ${one}`),
      ...hidden.map(([what, tells]) => `not observable: ${what}; tells: ${tells}`),
      ...falseGreen.map((one) => `false green: ${one}`)
    ].join('\n')}\n`
  )
  expect(falseGreen).toEqual([])
  expect(candidates).toEqual([])
})

test('a chain in order stays without a diagnosis, and reads nothing more', async () => {
  world.twin.reset()
  expect((await world.apply()).outputs.verification).toBe('verified')
  world.twin.journal.clear()
  const report = await world.check(SOON)
  const asked = world.twin.journal.entries.map(({ path }) => path)
  expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(asked.filter((path) => /events|networkpolicies|endpointslices|mutatingwebhook/.test(path))).toEqual(
    []
  )
})
