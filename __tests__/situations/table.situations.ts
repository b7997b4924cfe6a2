/**
 * Patless's word beside Argo CD's rules: after each situation a check, then an apply. `can` and `cannot` are compared;
 * what Argo CD itself (the twin's) then says of an Application is compared with the table as well, so that neither the
 * table nor the twin is believed alone.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import type { Report } from '../../src/report/report.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { APPLICATIONS } from './applications.ts'
import { summarize, truthOf, wordOf, type Compared } from './comparison.ts'
import { COMPLAINTS } from './complaints.ts'
import { Hands } from './hands.ts'
import { AZURE, PODS } from './pods.ts'
import { SECRETS, TEMPLATES } from './secrets.ts'
import type { Situation } from './situation.ts'

const ALL = [...SECRETS, ...TEMPLATES, ...PODS, ...AZURE, ...APPLICATIONS, ...COMPLAINTS]
/** Seconds to wait for what cannot be; longer where an Application has to answer. */
const SOON = { 'verification-timeout': '2' }
const LATER = { 'verification-timeout': '30' }
const LEAST = 120
/** Of all, in percent. */
const MOST_INCONCLUSIVE = 5

let world: WorldUnderTest
let hands: Hands
beforeAll(async () => {
  world = await startWorldUnderTest()
  hands = new Hands(world)
})
afterAll(() => world.twin.close())

/** By what a situation begins with: the way back to it. */
const begun = new Map<string, () => void>()
let before = ''

/** Connected, read by Argo CD, and quiet for an hour. */
async function begin({
  argocd,
  templates,
  outside,
  told,
  reads
}: Situation): Promise<Readonly<Record<string, string>>> {
  const inputs = templates ? { connection: 'template' } : {}
  const key = JSON.stringify([argocd, templates])
  const back = begun.get(key)
  if (back && before === key) {
    back()
  } else {
    begun.clear()
    world.twin.reset()
    if (argocd !== undefined) hands.defect(argocd)
    const { verdict } = await world.apply(inputs)
    expect(verdict.summary).toBe('Changed, verified.')
    hands.letTimePass()
    // What is said from now on is later than the proof.
    await sleep(1_050)
    begun.set(key, hands.store.keep())
  }
  before = outside === true ? '' : key
  return { ...inputs, ...(told === true || reads ? LATER : SOON) }
}

const compared: Compared[] = []

// The same beginnings one after the other, and what nobody can undo last.
const order = (one: Situation): string =>
  `${one.outside === true ? 'z' : 'a'} ${one.argocd ?? ''} ${one.templates === true ? 'templates' : ''}`
const situations = ALL.map((situation) => ({ situation })).toSorted((one, other) =>
  order(one.situation).localeCompare(order(other.situation))
)

test.each(situations.map(({ situation }) => [situation.name, situation] as const))(
  '%s',
  async (name, situation) => {
    const inputs = await begin(situation)
    await situation.change(hands)
    const asked = (when: string, reads: boolean, report: Report): void => {
      compared.push({
        name: `${when}: ${name}`,
        truth: truthOf(reads),
        word: wordOf(report),
        reason: report.verification.reason
      })
    }
    // Before Argo CD has said anything: nothing but the record of the proof, which may be void.
    if (situation.told !== true && situation.hidden !== true)
      asked('at once', situation.reads, await world.check(inputs))
    hands.letTimePass()
    const {
      application = (by: Hands) => {
        by.application()
      }
    } = situation
    if (application !== 'none') application(hands)
    const own = application === 'none' ? undefined : await hands.said()
    if (own !== undefined && situation.told !== true)
      expect([name, own === '', own]).toEqual([name, situation.reads, own])
    asked('check', situation.reads, await world.check(inputs))
    const applied = await world.apply(inputs)
    const after = situation.told === true || application === 'none' ? undefined : await hands.refreshed()
    asked('apply', after === undefined ? situation.reads : after === '', applied)
  },
  60_000
)

test('agree, and nothing is green or red that is not', () => {
  const { falseGreen, falseRed, inconclusive, text } = summarize(compared, ALL.length)
  process.stdout.write(`\n${text}\n`)
  expect([...falseGreen, ...falseRed]).toEqual([])
  expect(ALL.length).toBeGreaterThanOrEqual(LEAST)
  expect(inconclusive).toBeLessThanOrEqual(MOST_INCONCLUSIVE)
})
