/** Several targets in one process: what they all read of one organization is read once, and a write makes it be read again. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fleetFile, startFleet, type FleetCluster } from '../../sandbox/fleet.ts'
import type { Answer } from '../../sandbox/wire.ts'
import type { Report } from '../../src/report/report.ts'
import { SharedReads } from '../../src/services/azure-devops/reads.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ shared: true })
const NOTHING = { cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' }
let fleet: FleetCluster[]
let targets: string
beforeAll(async () => {
  const { subscriptionId, resourceGroup, location } = world.twin.azure.ids
  fleet = await startFleet(world.twin, ['direct', 'direct', 'arc'], 1)
  targets = join(world.twin.temporary, 'shared.yaml')
  writeFileSync(
    targets,
    fleetFile(fleet, [
      'verification: access',
      'identity-name: id-shared',
      `identity-subscription-id: ${subscriptionId}`,
      `identity-resource-group: ${resourceGroup}`,
      `location: ${location}`
    ])
  )
})
const asked = (method: string, path: RegExp): number =>
  world.twin.journal.entries.filter((one) => one.method === method && path.test(one.path)).length

test('apply on one identity: the first makes the member, the others find it', async () => {
  world.twin.journal.clear()
  const report = await world.apply({ ...NOTHING, targets })
  expect(report.verdict).toEqual({ exitCode: 0, summary: '3 targets: 3 in order.' })
  const { identities, members } = (
    world.twin.state() as { azure: { identities: { credentials: object[] }[]; members: object[] } }
  ).azure
  expect(identities).toMatchObject([{ credentials: [{}, {}, {}] }])
  expect(members).toHaveLength(2)
})

test('check: the places of the organization and its list of members once for all, the member by each', async () => {
  world.twin.journal.clear()
  const report = await world.check({ ...NOTHING, targets })
  expect(report.verdict).toEqual({ exitCode: 0, summary: '3 targets: 3 in order.' })
  expect(asked('GET', /_apis\/graph\/serviceprincipals/)).toBe(1)
  expect(asked('GET', /_apis\/resourceAreas/)).toBe(1)
  expect(asked('GET', /graph\/storagekeys/)).toBe(1)
  expect(asked('GET', /serviceprincipalentitlements\//)).toBe(3)
})

describe('git itself reads one repository of the organization', () => {
  /** Of each target, in their order: who read. */
  const readers = async (answerGit?: Answer): Promise<[Report, string[]]> => {
    const agents: string[] = []
    world.twin.journal.forge({
      service: 'git',
      forge: (call, real) => {
        const own = call.headers['user-agent']?.startsWith('git/patless') === true
        if (call.method === 'GET') agents.push(own ? 'requests' : 'git')
        // git asks once for a fetch, and once more for the refs; a redirect is nothing to wait for.
        return !own && answerGit && agents.length <= 2 ? answerGit : real()
      }
    })
    const report = await world.check({ ...NOTHING, targets, concurrency: '1' })
    world.twin.journal.calm()
    return [report, agents]
  }
  const accesses = (report: Report): unknown[] =>
    report.runs?.map(({ repositories: [one] }) => one?.verifications.access?.result) ?? []

  test('for all targets; the others read theirs with two requests, each with its own token', async () => {
    const [report, agents] = await readers()
    expect(accesses(report)).toEqual(['verified', 'verified', 'verified'])
    expect(agents).toEqual(['git', 'requests', 'requests'])
  })

  test('and again for the next target where it failed', async () => {
    const [report, agents] = await readers({ status: 302, headers: { location: 'https://localhost/other' } })
    expect(accesses(report)).toEqual(['failed', 'verified', 'verified'])
    expect(agents.filter((one, nth) => one !== agents[nth - 1])).toEqual(['git', 'requests'])
    expect(agents.filter((one) => one === 'requests')).toHaveLength(1)
  })
})

test('who was removed by hand is missed by all of them', async () => {
  world.twin.azure.change(({ organizations: [first] }) => {
    first?.members.splice(1)
  })
  const report = await world.check({ ...NOTHING, targets })
  expect(
    report.runs?.map(({ resources }) => resources.find(({ resource }) => resource === 'entitlement')?.result)
  ).toEqual(['missing', 'missing', 'missing'])
})

test('an answer is kept for all; a failure and an absence are those of who asked', async () => {
  const reads = new SharedReads()
  let times = 0
  const ask = (answer: () => Promise<string | undefined>) => () => {
    times += 1
    return answer()
  }
  const failing = ask(() => Promise.reject(new Error('late')))
  const first = reads.once('a', failing)
  const second = reads.once(
    'a',
    ask(() => Promise.resolve('here'))
  )
  await expect(first).rejects.toThrow('late')
  expect(await second).toEqual({ value: 'here', isEarlier: false })
  expect(await reads.once('a', failing)).toEqual({ value: 'here', isEarlier: true })
  expect(times).toBe(2)
  expect(
    await reads.once(
      'b',
      ask(() => Promise.resolve(undefined))
    )
  ).toEqual({ value: undefined, isEarlier: false })
  expect(
    await reads.once(
      'b',
      ask(() => Promise.resolve('now'))
    )
  ).toEqual({ value: 'now', isEarlier: false })
  reads.forget('a')
  expect(
    await reads.once(
      'a',
      ask(() => Promise.resolve('new'))
    )
  ).toEqual({ value: 'new', isEarlier: false })
})
