/**
 * Twelve clusters as a platform team has them: AKS with a public and with a private API server, Azure Arc, and others that
 * Azure does not know; in several resource groups of two subscriptions. Every second one is for an organization of the
 * second tenant, so its identity is there, too.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IDS } from './azure/state.ts'
import { connectToOtherTenant } from './azure/tenants.ts'
import type { KubernetesTwin } from './kubernetes/cluster.ts'
import type { Twin } from './twin.ts'

export type Access = 'direct' | 'private' | 'arc' | 'other'

export interface FleetCluster {
  readonly name: string
  readonly access: Access
  readonly organization: string
  readonly repositoryUrl: string
  readonly kubernetes: KubernetesTwin
  /** What a file of targets says of it, by the name of the input. */
  readonly values: Readonly<Record<string, string>>
}

export const SECOND_SUBSCRIPTION = '6c1f9e2d-8b47-4a30-9d5e-2f7a1c0b3e15'
const PLACES = [
  { subscriptionId: IDS.subscriptionId, resourceGroup: 'rg-north' },
  { subscriptionId: IDS.subscriptionId, resourceGroup: 'rg-south' },
  { subscriptionId: SECOND_SUBSCRIPTION, resourceGroup: 'rg-production' }
] as const
/** Of the identity, where the organization is in the second tenant. */
const OTHER_TENANT = {
  'identity-tenant-id': IDS.otherTenantId,
  'identity-subscription-id': IDS.otherSubscriptionId,
  'identity-resource-group': IDS.otherResourceGroup,
  'identity-login-client-id': IDS.otherLoginClientId
}
export const TWELVE: readonly Access[] = [
  ...Array<Access>(4).fill('direct'),
  ...Array<Access>(2).fill('private'),
  ...Array<Access>(3).fill('arc'),
  ...Array<Access>(3).fill('other')
]

/** @param tenants 1: all for the first organization, in the tenant of the clusters */
export async function startFleet(
  twin: Twin,
  kinds: readonly Access[] = TWELVE,
  tenants: 1 | 2 = 2
): Promise<FleetCluster[]> {
  if (tenants === 2)
    twin.azure.change(({ organizations: [, second] }) => {
      connectToOtherTenant(second)
    })
  const started: FleetCluster[] = []
  for (const [index, access] of kinds.entries()) {
    const place = PLACES[index % PLACES.length] ?? PLACES[0]
    const kind = { direct: 'managed', private: 'managed', arc: 'connected', other: undefined } as const
    const name = `${access}-${index + 1}`
    const type = kind[access]
    const isPrivate = access === 'private'
    const tags = { argocd: 'yes', stage: index % 3 === 2 ? 'production' : 'test' }
    const kubernetes = await twin.startCluster(type && { kind: type, name, ...place, isPrivate, tags })
    const isSecond = tenants === 2 && index % 2 === 1
    const organization = isSecond ? IDS.secondOrganization : IDS.organization
    const repositoryUrl = `${new URL(twin.azure.ids.repositoryUrl).origin}/${organization}/${IDS.project}/_git/${IDS.repository}`
    started.push({
      name,
      access,
      organization,
      repositoryUrl,
      kubernetes,
      values: {
        ...clusterOf(twin, name, place, type),
        ...(type === 'managed' ? {} : { kubeconfig: kubeconfigOf(twin, name, kubernetes) }),
        ...(access === 'other' && {
          'oidc-issuer-url': kubernetes.access.issuer,
          'subscription-id': place.subscriptionId,
          'identity-resource-group': place.resourceGroup,
          location: IDS.location
        }),
        'repository-url': repositoryUrl,
        ...(isSecond && OTHER_TENANT)
      }
    })
  }
  return started
}

function clusterOf(
  { azure }: Twin,
  name: string,
  { subscriptionId, resourceGroup }: (typeof PLACES)[number],
  type: 'managed' | 'connected' | undefined
): Record<string, string> {
  if (type === undefined) {
    // Nothing of the cluster is there; the identity still needs a group.
    azure.change((state) => {
      const found = state.subscriptions.find((one) => one.subscriptionId === subscriptionId)
      if (!found?.resourceGroups.includes(resourceGroup)) found?.resourceGroups.push(resourceGroup)
    })
    return { cluster: name }
  }
  const types = {
    managed: 'Microsoft.ContainerService/managedClusters',
    connected: 'Microsoft.Kubernetes/connectedClusters'
  }
  return {
    cluster: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${types[type]}/${name}`
  }
}

function kubeconfigOf({ temporary }: Twin, name: string, kubernetes: KubernetesTwin): string {
  const path = join(temporary, `${name}.kubeconfig`)
  writeFileSync(path, kubernetes.kubeconfig(), { mode: 0o600 })
  return path
}

/** Whether the twin's callers are in the network of the private clusters. */
export function moveRunner({ azure }: Twin, place: 'inside' | 'outside'): void {
  azure.change(({ furtherClusters }) => {
    for (const one of furtherClusters)
      if (one.resource.properties['apiServerAccessProfile']) one.reachable = place === 'inside'
  })
}

/** The file of targets. @param defaults lines below `defaults:` */
export function fleetFile(
  fleet: readonly Pick<FleetCluster, 'name' | 'values'>[],
  defaults: readonly string[] = []
): string {
  const targets = fleet.flatMap(({ name, values }) => [
    `  - name: ${name}`,
    ...Object.entries(values).map(([key, value]) => `    ${key}: ${value}`)
  ])
  const head = defaults.length === 0 ? [] : ['defaults:', ...defaults.map((line) => `  ${line}`)]
  return [...head, 'targets:', ...targets, ''].join('\n')
}
