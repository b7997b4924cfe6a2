/** Set-up as a child process, killed at each of its writes: run again it goes on, nothing is made twice, and the pipeline is green. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { isWrite, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { runBundle } from '../../sandbox/job.ts'
import { personAt, setUp, type Person } from '../../sandbox/person.ts'
import { inputsIn, optionsFor } from '../setup/pipeline.ts'
import { inWorlds, placesOf, SHARE, shareOf, SHARES, startWorlds, type Place } from './cells.ts'

type Options = Readonly<Record<string, string>>

/** One person per kind of pipeline. */
const CASES: readonly [name: string, options: Options][] = [
  ['github', {}],
  ['azure-pipelines', { host: 'azure-pipelines', access: 'repository' }]
]

interface Cell {
  readonly options: Options
  readonly place: Place
  readonly moment: 'before' | 'after'
}

let worlds: WorldUnderTest[] = []
beforeAll(async () => {
  worlds = await startWorlds(2)
})
afterAll(async () => {
  await Promise.all(worlds.map(({ twin }) => twin.close()))
})

function argumentsOf(world: WorldUnderTest, more: Options): string[] {
  const options = Object.entries(optionsFor(world, more))
  return [
    'setup',
    ...options.flatMap(([name, value]) => (value === 'true' ? [`--${name}`] : [`--${name}`, value]))
  ]
}

/** @param onStart gets what ends the process */
function spawned(
  world: WorldUnderTest,
  { folder, environment }: Person,
  options: Options,
  onStart?: (kill: (signal: NodeJS.Signals) => void) => void
) {
  const known = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const]
  )
  return runBundle(
    { cwd: folder, ...(onStart && { onStart }) },
    Object.fromEntries(known),
    argumentsOf(world, options)
  )
}

async function placesIn(world: WorldUnderTest, options: Options): Promise<Place[]> {
  world.twin.reset()
  const { exitCode, stdout, stderr } = await spawned(world, personAt(world.twin), options)
  if (exitCode !== 0) throw new Error(stdout + stderr)
  return placesOf(world.twin.journal.entries.filter(isWrite))
}

interface Made {
  readonly identities: readonly { readonly credentials: readonly unknown[] }[]
  readonly members: readonly unknown[]
  readonly roleDefinitions: readonly unknown[]
  readonly roleAssignments: readonly unknown[]
  readonly serviceEndpoints: readonly unknown[]
}

async function judge(world: WorldUnderTest, { options, place, moment }: Cell): Promise<string[]> {
  const { twin } = world
  twin.reset()
  const person = personAt(twin)
  let end: (() => void) | undefined
  const tell = (): void => end?.()
  twin.journal.waitFor({ ...place, moment, tell })
  const killed = await spawned(world, person, options, (kill) => {
    end = () => {
      kill('SIGKILL')
    }
  })
  twin.journal.calm()
  const wrong = killed.signal === 'SIGKILL' ? [] : [`it ended by itself: ${killed.exitCode}`]
  const again = await setUp(person, optionsFor(world, options)).catch((error: unknown) => ({
    exitCode: 1,
    log: String(error)
  }))
  if (again.exitCode !== 0) wrong.push(`run again: ${again.log}`)
  const { azure } = twin.state() as { azure: Made }
  const counts = [azure.identities, azure.members, azure.roleDefinitions, azure.roleAssignments]
  if (JSON.stringify(counts.map(({ length }) => length)) !== '[2,3,1,2]')
    wrong.push(`made twice, or not: ${counts.map(({ length }) => length).join()}`)
  const credentials = azure.identities.flatMap((one) => one.credentials)
  if (credentials.length !== 1) wrong.push(`${credentials.length} credentials`)
  if (azure.serviceEndpoints.length !== (options['host'] === undefined ? 0 : 1))
    wrong.push(`${azure.serviceEndpoints.length} service connections`)
  const third = await setUp(person, optionsFor(world, options))
  if (!third.log.includes('Everything is set up.')) wrong.push(`not settled: ${third.log}`)
  if (options['host'] === undefined) {
    const { outputs } = await world.apply({ ...inputsIn(person), verification: 'access' })
    if (outputs.verification !== 'verified') wrong.push(`apply: ${outputs.verification}`)
  }
  return wrong
}

describe.each(CASES)('%s', (name, options) => {
  test('killed at any write: run again it goes on, and nothing is made twice', async () => {
    const [world] = worlds
    if (!world) throw new Error('no world')
    const places = await placesIn(world, options)
    expect(places.length).toBeGreaterThan(9)
    const cells = shareOf(
      (['before', 'after'] as const).flatMap((moment) =>
        places.map((place): Cell => ({ options, place, moment }))
      )
    )
    const judged = await inWorlds(worlds, cells, async (one, cell) => ({
      cell,
      wrong: await judge(one, cell)
    }))
    process.stdout.write(`kill matrix, setup, ${name}: ${judged.length} cells${SHARE}\n`)
    expect(
      judged.flatMap(({ cell: { place, moment }, wrong }) =>
        wrong.map((one) => `${moment} ${JSON.stringify(place)}: ${one}`)
      )
    ).toEqual([])
    expect(judged.length * SHARES).toBeGreaterThan(18)
  }, 600_000)
})
