/** Several pipelines at once, as they are on a Monday morning: on one identity, and on the very same target. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { needsAction } from '../../src/report/findings.ts'
import { startFleet, type FleetCluster } from '../../sandbox/fleet.ts'
import { remains } from './cells.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
/** Inputs of the twin's job that are about its one cluster. */
const NONE = { cluster: '', 'resource-group': '' }
/** Four of them in ARM, in several groups of two subscriptions. */
let clusters: readonly FleetCluster[]
beforeAll(async () => {
  clusters = await startFleet(world.twin, ['direct', 'direct', 'private', 'arc', 'other'], 1)
})

interface State {
  readonly azure: {
    readonly identities: readonly { readonly credentials: readonly { readonly issuer: string }[] }[]
    readonly members: readonly unknown[]
  }
}

describe.each([0, 5, 30])('with answers after %i ms', (latency) => {
  test('five clusters build on one identity at once: all verified, no credential lost', async () => {
    world.twin.journal.latency = latency
    const { resourceGroup, subscriptionId, location } = world.twin.azure.ids
    const shared = {
      'identity-name': 'id-shared',
      'identity-subscription-id': subscriptionId,
      'identity-resource-group': resourceGroup,
      location
    }
    const reports = await Promise.all(
      clusters.map(({ values }) => world.apply({ ...NONE, ...values, ...shared }))
    )
    expect(reports.map(({ findings }) => findings.filter(needsAction))).toEqual([[], [], [], [], []])
    expect(reports.map(({ outputs }) => outputs.verification)).toEqual(Array(5).fill('verified'))
    const { identities, members } = (world.twin.state() as State).azure
    expect(identities).toHaveLength(1)
    expect(identities[0]?.credentials.map(({ issuer }) => issuer).toSorted()).toEqual(
      clusters.map(({ kubernetes }) => kubernetes.access.issuer).toSorted()
    )
    expect(members).toHaveLength(2)
    // Azure refuses writes that overlap; each refused one was sent again.
    const writes = world.twin.journal.entries.filter(
      ({ method, path }) => method === 'PUT' && path.includes('/federatedIdentityCredentials/')
    )
    expect(writes.filter(({ status }) => status < 300)).toHaveLength(5)
    expect(writes.filter(({ status }) => status >= 300).map(({ status }) => status)).toEqual(
      writes.slice(5).map(() => 409)
    )
  })

  test('two on the same target at once: both verified, one of each thing', async () => {
    world.twin.journal.latency = latency
    const reports = await Promise.all([world.apply(), world.apply()])
    expect(reports.map(({ findings }) => findings.filter(needsAction))).toEqual([[], []])
    expect(reports.map(({ outputs }) => outputs.verification)).toEqual(['verified', 'verified'])
    expect(remains(world, 1)).toEqual([])
  })

  test('two removes of the same target at once: both in order, nothing left', async () => {
    await world.apply({ verification: 'none' })
    world.twin.journal.latency = latency
    const reports = await Promise.all([world.run({ mode: 'remove' }), world.run({ mode: 'remove' })])
    expect(reports.map(({ findings }) => findings.filter(needsAction))).toEqual([[], []])
    expect(remains(world, 0)).toEqual([])
  })
})
