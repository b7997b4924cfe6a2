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
import { COMPLAINTS } from './complaints.ts'
import { Hands } from './hands.ts'
import { AZURE, PODS } from './pods.ts'
import { SECRETS, TEMPLATES } from './secrets.ts'
import type { Situation } from './situation.ts'

type Word = 'can' | 'cannot' | 'inconclusive'

const ALL = [...SECRETS, ...TEMPLATES, ...PODS, ...AZURE, ...APPLICATIONS, ...COMPLAINTS]
const SOON = { 'verification-timeout': '4' }
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
async function begin({ argocd, templates, outside }: Situation): Promise<Readonly<Record<string, string>>> {
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
    expect(verdict.text).toBe('Changed, verified.')
    hands.letTimePass()
    // What is said from now on is later than the proof.
    await sleep(1_050)
    begun.set(key, hands.store.snapshot())
  }
  before = outside === true ? '' : key
  return { ...inputs, ...SOON }
}

const word = ({ outputs }: Report): Word =>
  outputs.verification === 'verified' ? 'can' : outputs.verification === 'failed' ? 'cannot' : 'inconclusive'

interface Compared {
  readonly name: string
  readonly truth: Word
  readonly word: Word
  readonly reason: string
}
const compared: Compared[] = []

const wordOf = (reads: boolean | undefined): Word =>
  reads === undefined ? 'inconclusive' : reads ? 'can' : 'cannot'

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
    hands.letTimePass()
    const {
      application = (by: Hands) => {
        by.application()
      }
    } = situation
    if (application !== 'none') application(hands)
    const own = application === 'none' ? undefined : await hands.said()
    if (own !== undefined && situation.told !== true)
      expect([name, own === '']).toEqual([name, situation.reads])
    const checked = await world.check(inputs)
    compared.push({
      name: `check: ${name}`,
      truth: wordOf(situation.reads),
      word: word(checked),
      reason: checked.proof.reason
    })
    const applied = await world.apply(inputs)
    const after = situation.told === true || application === 'none' ? undefined : await hands.refreshed()
    const reads = after === undefined ? situation.reads : after === ''
    compared.push({
      name: `apply: ${name}`,
      truth: wordOf(reads),
      word: word(applied),
      reason: applied.proof.reason
    })
  },
  60_000
)

test('agree, and nothing is green or red that is not', () => {
  const differing = compared.filter(({ truth, word: said }) => said !== truth)
  const falseGreen = differing.filter(({ truth, word: said }) => said === 'can' && truth === 'cannot')
  const falseRed = differing.filter(({ truth, word: said }) => said === 'cannot' && truth === 'can')
  const inconclusive = compared.filter(({ word: said }) => said === 'inconclusive')
  const wrong = new Set([...falseGreen, ...falseRed].map(({ name }) => name.replace(/^\w+: /, '')))
  const lines = [
    `agree ${ALL.length - wrong.size} of ${ALL.length}, false green ${falseGreen.length}, false red ${falseRed.length}, inconclusive ${inconclusive.length}`,
    ...inconclusive.map(({ name, reason }) => `inconclusive: ${name}: ${reason}`),
    ...falseGreen.map(({ name, reason }) => `false green: ${name}: ${reason}`),
    ...falseRed.map(({ name, reason }) => `false red: ${name}: ${reason}`)
  ]
  process.stdout.write(`\n${lines.join('\n')}\n`)
  expect([...falseGreen, ...falseRed]).toEqual([])
  expect(ALL.length).toBeGreaterThanOrEqual(LEAST)
  expect((inconclusive.length / compared.length) * 100).toBeLessThanOrEqual(MOST_INCONCLUSIVE)
})
