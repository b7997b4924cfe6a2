/** Several targets in one process: what they all read of one organization is read once, and a write makes it be read again. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fleetFile, startFleet, type FleetCluster } from '../../sandbox/fleet.ts'
import type { Report } from '../../src/report/report.ts'
import { SharedReads } from '../../src/services/azure-devops/reads.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ shared: true })
const NOTHING = { cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' }
let fleet: FleetCluster[]
let targets: string
/** @returns its path */
function written(name: string, clusters: readonly Pick<FleetCluster, 'name' | 'values'>[]): string {
  const { subscriptionId, resourceGroup, location } = world.twin.azure.ids
  const path = join(world.twin.temporary, name)
  const defaults = [
    'verification: access',
    'identity-name: id-shared',
    `identity-subscription-id: ${subscriptionId}`,
    `identity-resource-group: ${resourceGroup}`,
    `location: ${location}`
  ]
  writeFileSync(path, fleetFile(clusters, defaults))
  return path
}
beforeAll(async () => {
  fleet = await startFleet(world.twin, ['direct', 'direct', 'arc'], 1)
  targets = written('shared.yaml', fleet)
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
  /** Who read which repository. @param refused for which git gets no answer */
  const readers = async (file: string, refused?: string): Promise<[Report, Set<string>]> => {
    const seen = new Set<string>()
    world.twin.journal.forge({
      service: 'git',
      forge: (call, real) => {
        const by = call.headers['user-agent']?.startsWith('git/patless') === true ? 'requests' : 'git'
        const [, repository = ''] = /_git\/([^/]+)/.exec(call.url.pathname) ?? []
        seen.add(`${repository} by ${by}`)
        return repository === refused ? { status: 404, body: 'TF401019: it does not exist' } : real()
      }
    })
    const run = { ...NOTHING, targets: file, concurrency: '1', 'verification-timeout': '1' }
    const report = await world.check(run)
    world.twin.journal.calm()
    return [report, seen]
  }
  const accesses = (report: Report): unknown[] =>
    report.runs?.map(({ repositories: [one] }) => one?.verifications.access?.result) ?? []

  /** The first target reads another repository than the others. */
  const withInfra = async (): Promise<string> => {
    const [first, ...others] = fleet
    const url = first?.values['repository-url']?.replace(/[^/]+$/, 'infra') ?? ''
    const own = { name: first?.name ?? '', values: { ...first?.values, 'repository-url': url } }
    const file = written('infra.yaml', [own, ...others])
    const { verdict } = await world.apply({ ...NOTHING, targets: file })
    expect(verdict.exitCode).toBe(0)
    return file
  }

  test('for all targets; the others read theirs with two requests', async () => {
    const [report, seen] = await readers(await withInfra())
    expect(accesses(report)).toEqual(['verified', 'verified', 'verified'])
    expect([...seen]).toEqual(['infra by git', 'app by requests'])
  })

  test('and where it failed, that of the next target', async () => {
    const [report, seen] = await readers(await withInfra(), 'infra')
    expect(accesses(report)).toEqual(['failed', 'verified', 'verified'])
    expect([...seen]).toEqual(['infra by git', 'app by git', 'app by requests'])
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
