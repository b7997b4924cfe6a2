/** Targets on Azure Pipelines: every job has the same service connections, and each target takes what it needs. */
import { describe, expect, test } from '@jest/globals'
import { desiredOf } from '../../src/commands/targets.ts'
import type { InputHost } from '../../src/commands/run.ts'
import type { Desired } from '../../src/config/desired.ts'
import { readFleetFile } from '../../src/config/targets/targets.ts'
import { useTargetFiles } from './files.ts'

const write = useTargetFiles()
const OWN = '9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03'
const SECOND = '6c1f9e2d-8b47-4a30-9d5e-2f7a1c0b3e15'
const IDENTITIES = {
  tenantId: '0d2a9a4e-6f27-4c0b-8f5e-7f5b2b1f9c02',
  subscriptionId: '4e8d1c6b-73a2-4f95-b0c8-6d1e2f3a4b12'
}
const OTHER = `identity-tenant-id: ${IDENTITIES.tenantId}, identity-resource-group: rg-identities`

function desired(targets: readonly string[], more: Readonly<Record<string, string>> = {}): Desired[] {
  const path = write(`
defaults:
  repository-url: https://dev.azure.com/contoso/shop/_git/app
  identity-login-client-id: e1a2b3c4-d5e6-4f70-8190-a1b2c3d4e506
targets:
${targets.map((one) => `  - {${one}}`).join('\n')}
`)
  const given = new Map([
    ['targets', path],
    ['identity-service-connection', 'azure-identities'],
    ...Object.entries(more)
  ])
  const host = {
    given,
    environment: {},
    hostKind: 'azure-pipelines',
    connectedSubscription: OWN,
    connectedIdentity: IDENTITIES
  } as const
  const fleet = readFleetFile(given, {}).fleet([])
  return desiredOf(fleet, fleet.targets, host as unknown as InputHost)
}

describe('the second connection', () => {
  test('is for the targets that say the tenant; the others stay in that of their cluster', () => {
    const [own, other] = desired([`cluster: aks-own`, `cluster: aks-other, ${OTHER}`])
    expect(own).not.toHaveProperty('identityLogin')
    expect(own?.mode === 'apply' && own.identity).not.toHaveProperty('subscriptionId')
    expect(other).toMatchObject({
      identityLogin: { tenantId: IDENTITIES.tenantId },
      identity: { subscriptionId: IDENTITIES.subscriptionId, resourceGroup: 'rg-identities' }
    })
  })

  test('that no target uses is refused: nobody should look in the wrong tenant', () => {
    expect(() => desired(['cluster: aks-1', 'cluster: aks-2'])).toThrow(
      /identity-service-connection: No target of \S+ says identity-tenant-id/
    )
    expect(desired(['cluster: aks-1'], { 'identity-service-connection': '' })).toHaveLength(1)
  })

  test('to another tenant than the target says is refused', () => {
    const swapped = OTHER.replace(IDENTITIES.tenantId, '5f1f3d5c-8a3e-4b1d-9a70-3d2c7c1c2a01')
    expect(() => desired([`cluster: aks-other, ${swapped}`])).toThrow(
      /identity-tenant-id of aks-other: It is 5f1f3d5c\S+, but the service connection is for 0d2a9a4e/
    )
  })
})

test('a cluster in another subscription than that of the connection is a target like any other', () => {
  const id = `/subscriptions/${SECOND}/resourceGroups/rg-production/providers/Microsoft.ContainerService/managedClusters/aks`
  const all = desired(
    [`cluster: ${id}`, `name: b, cluster: aks-b, subscription-id: ${SECOND}`, 'cluster: aks-c'],
    { 'identity-service-connection': '' }
  )
  expect(all.map(({ cluster }) => 'subscriptionId' in cluster && cluster.subscriptionId)).toEqual([
    SECOND,
    SECOND,
    OWN
  ])
})
