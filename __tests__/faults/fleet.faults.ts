/** Bad days of what many clusters need beside the chain: the query, shared identities, the login of the second tenant. */
import { describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addCluster } from '../../sandbox/azure/further-clusters.ts'
import { IDS } from '../../sandbox/azure/state.ts'
import type { Inputs } from '../../sandbox/in-process.ts'
import type { FaultKind } from '../../sandbox/journal.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'
import { ended, faultsOf, placesOf, shareOf, type Place } from './cells.ts'

const world = useWorld({ timeout: 1_500 })
const NOTHING = { cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' }
const KINDS: readonly FaultKind[] = ['429', '500', 'reset']

/** Two clusters with a tag, which share an identity that exists. */
async function queried(): Promise<Inputs> {
  world.twin.azure.change((state) => {
    const place = { subscriptionId: IDS.subscriptionId, resourceGroup: 'rg-north' }
    for (const name of ['aks-a', 'aks-b'])
      addCluster(state, { kind: 'managed', name, ...place, tags: { argocd: 'yes' } })
  })
  await world.apply({ 'identity-name': 'id-fleet', verification: 'none' })
  const targets = join(world.twin.temporary, 'queried.yaml')
  writeFileSync(
    targets,
    `query: Resources | where type =~ 'microsoft.containerservice/managedclusters' and tags.argocd == 'yes'
defaults:
  repository-url: ${world.twin.azure.ids.repositoryUrl}
  identity-name: id-fleet
  identity-resource-group: ${IDS.resourceGroup}
  identity-subscription-id: ${IDS.subscriptionId}
`
  )
  return { ...NOTHING, mode: 'plan', targets }
}

/** A chain whose identity and organization are in the second tenant. */
async function ofTwoTenants(): Promise<Inputs> {
  world.twin.defect('two-tenants')
  const inputs = {
    'resource-group': IDS.resourceGroup,
    'identity-tenant-id': IDS.otherTenantId,
    'identity-subscription-id': IDS.otherSubscriptionId,
    'identity-resource-group': IDS.otherResourceGroup,
    'identity-login-client-id': IDS.otherLoginClientId,
    verification: 'none'
  }
  await world.apply(inputs)
  return { ...inputs, mode: 'check' }
}
const ofSecondLogin = ({ service, method, path }: Place): boolean =>
  service === 'entra' || method === 'HEAD' || path.includes(IDS.otherSubscriptionId)

describe.each<[string, () => Promise<Inputs>, (place: Place) => boolean]>([
  ['a plan by a query', queried, () => true],
  ['a check with a second login', ofTwoTenants, ofSecondLogin]
])('%s', (_name, before, isOwn) => {
  test('ends right on each bad day, or says what did not answer; run again, all is right', async () => {
    const inputs = await before()
    world.twin.journal.clear()
    const good = await world.run(inputs)
    expect(good.verdict.exitCode).toBe(0)
    const places = placesOf(world.twin.journal.entries).filter(isOwn)
    expect(places.length).toBeGreaterThan(2)
    const cells = places.flatMap((place) =>
      KINDS.flatMap((kind) => [1, 3].map((times) => ({ place, kind, times })))
    )
    const wrong: string[] = []
    for (const { place, kind, times } of shareOf(cells)) {
      const { journal } = world.twin
      journal.clear()
      journal.order({ ...place, kind, times })
      const end = await ended(world.run(inputs))
      journal.calm()
      const faults = faultsOf(end, 'skipped')
      if ('verdict' in end && end.verdict.exitCode === 0 && !isSame(end, good)) faults.push('another result')
      wrong.push(...faults.map((one) => `${place.method} ${place.path} ${kind} × ${times}: ${one}`))
    }
    expect(wrong).toEqual([])
    expect(isSame(await world.run(inputs), good)).toBe(true)
    expect(world.writes()).toEqual([])
  })
})

function isSame(one: Report, other: Report): boolean {
  return one.outputs.matrix === other.outputs.matrix && one.outputs.drift === other.outputs.drift
}

test('twenty jobs of one login ask Resource Graph at once: all plan the same, some after a wait', async () => {
  const inputs = await queried()
  world.twin.journal.clear()
  const reports = await Promise.all(Array.from({ length: 20 }, () => world.run(inputs)))
  expect(new Set(reports.map(({ outputs }) => outputs.matrix)).size).toBe(1)
  expect(reports.map(({ verdict }) => verdict.exitCode)).toEqual(Array(20).fill(0))
  const asked = world.twin.journal.entries.filter(({ path }) => path.includes('ResourceGraph'))
  expect(asked.filter(({ status }) => status === 429).length).toBeGreaterThan(0)
})
