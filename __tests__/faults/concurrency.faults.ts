/** Several pipelines at once, as they are on a Monday morning: on one identity, and on the very same target. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { needsAction } from '../../src/report/findings.ts'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startKubernetes, type KubernetesTwin } from '../../sandbox/kubernetes/cluster.ts'
import { NO_LAG } from '../../sandbox/twin.ts'
import { remains } from './cells.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
const clusters: KubernetesTwin[] = []
beforeAll(async () => {
  const { azure, journal, tls, temporary } = world.twin
  for (let index = 0; index < 5; index += 1) {
    const cluster = await startKubernetes({
      journal,
      tls,
      lag: NO_LAG,
      tenantId: azure.ids.tenantId,
      authenticate: azure.authenticate,
      authorityHost: azure.urls.entra,
      deployerClientId: azure.ids.deployerClientId,
      directory: azure.directory,
      repositoryUrl: azure.ids.repositoryUrl,
      temporary: mkdtempSync(join(temporary, 'cluster-')),
      caFile: join(temporary, 'ca.pem')
    })
    writeFileSync(join(temporary, `kubeconfig-${index}`), cluster.kubeconfig(), { mode: 0o600 })
    clusters.push(cluster)
  }
})
afterAll(() => Promise.all(clusters.map((cluster) => cluster.close())))
beforeEach(() => {
  for (const cluster of clusters) cluster.reset()
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
      'subscription-id': subscriptionId,
      'identity-name': 'id-shared',
      'identity-resource-group': resourceGroup,
      location
    }
    const reports = await Promise.all(
      clusters.map((cluster, index) =>
        world.apply({
          ...shared,
          cluster: `aks-${index}`,
          'oidc-issuer-url': cluster.access.issuer,
          kubeconfig: join(world.twin.temporary, `kubeconfig-${index}`)
        })
      )
    )
    expect(reports.map(({ findings }) => findings.filter(needsAction))).toEqual([[], [], [], [], []])
    expect(reports.map(({ outputs }) => outputs.verification)).toEqual(Array(5).fill('verified'))
    const { identities, members } = (world.twin.state() as State).azure
    expect(identities).toHaveLength(1)
    expect(identities[0]?.credentials.map(({ issuer }) => issuer).toSorted()).toEqual(
      clusters.map(({ access }) => access.issuer).toSorted()
    )
    expect(members).toHaveLength(2)
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
