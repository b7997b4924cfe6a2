/**
 * No remedy leads back to the same error: what the first finding says is done as it stands (its commands by kubectl, its
 * inputs in the next run), and the finding does not come back.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { handOf, has, type Hand } from '../../sandbox/by-hand.ts'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { INPUTS } from '../../src/config/table.ts'
import type { PlacedFinding } from '../../src/report/findings.ts'
import type { Report } from '../../src/report/report.ts'
import { BROKEN, type Broken } from './defects.ts'
import { Hands } from './hands.ts'

let world: WorldUnderTest
let hands: Hands
let person: Hand
beforeAll(async () => {
  world = await startWorldUnderTest()
  hands = new Hands(world)
  person = handOf(world.twin)
})
afterAll(() => world.twin.close())

const SOON = { 'verification-timeout': '1' }

/** One for each finding; Entra's refusals are the twin's own decision, whatever anybody does. */
const SITUATIONS = BROKEN.filter(
  ({ id, asked, apply, on }, index) =>
    !asked &&
    on === undefined &&
    apply !== 'tomorrow' &&
    !id.startsWith('entra/') &&
    BROKEN.findIndex((other) => other.id === id) === index
)

/** Whose remedy begins with what is not in it: a feature of the cluster, an identity binding, a subscription elsewhere. */
const BY_HAND = [
  'workload/webhook-missing',
  'workload/webhook-down',
  'workload/other-audience',
  'entitlement/other-tenant'
]

interface Step {
  readonly commands: readonly string[]
  readonly inputs: Readonly<Record<string, string>>
}

/** An editor is for people. */
const VERBS = 'annotate|label|set|scale|delete|rollout|create|patch'
const DOABLE = new RegExp(`^kubectl -n \\S+ (?:${VERBS}) `)

/** What a person copies out of it. Of several ways, the first. */
function stepOf({ remedy, command }: PlacedFinding): Step {
  const inText = new RegExp(`kubectl -n \\S+ (?:${VERBS}) (?:'[^']*'|[^;,()'])*`).exec(remedy)?.[0]
  const commands = command === undefined ? (inText === undefined ? [] : [inText]) : command.split('\n')
  const [, name = '', value = ''] = /\b([a-z-]+): ('[^']*'|[\w.*-]+)/.exec(remedy) ?? []
  const named = INPUTS.some((one) => one.name === name) && commands.length === 0
  return {
    commands: commands.filter((one) => DOABLE.test(one)),
    inputs: named ? { [name]: value.replaceAll("'", '') } : {}
  }
}

async function broken({ defects, restart }: Broken): Promise<Report> {
  await world.applied()
  for (const defect of defects) world.twin.defect(defect)
  if (restart) await hands.restart()
  else await sleep(60)
  return world.check(SOON)
}

const followed: string[] = []
const tried = has('kubectl') ? test : test.skip

tried.each(SITUATIONS.map((one) => [one.id, one] as const))(
  '%s',
  async (id, one) => {
    const before = await broken(one)
    const [first] = before.findings
    if (!first) throw new Error('nothing is wrong')
    const { commands, inputs } = stepOf(first)
    if (BY_HAND.includes(id) || (commands.length === 0 && Object.keys(inputs).length === 0)) return
    for (const command of commands) await person.run('bash', ['-c', command])
    await hands.rolledOut()
    const after = await world.run({ mode: 'check', ...SOON, ...inputs })
    followed.push(first.id)
    expect([commands, inputs, after.findings.map((finding) => finding.id)]).toEqual([
      commands,
      inputs,
      expect.not.arrayContaining([first.id])
    ])
  },
  60_000
)

tried('most say something that can be done so', () => {
  expect(new Set(followed).size).toBeGreaterThanOrEqual(15)
})
