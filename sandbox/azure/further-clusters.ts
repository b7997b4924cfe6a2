/** Clusters in ARM beside the one that most tests use: in any resource group, each with an API server of its own. */
import type { Call } from '../wire.ts'
import { newCluster } from './new-cluster.ts'
import { IDS, type AzureState, type FurtherCluster } from './state.ts'

const TYPES = {
  managed: 'Microsoft.ContainerService/managedClusters',
  connected: 'Microsoft.Kubernetes/connectedClusters'
} as const

export interface NewCluster {
  readonly kind: FurtherCluster['kind']
  readonly name: string
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly tags?: Readonly<Record<string, string>>
  readonly isPrivate?: boolean
}

/** Adds it, with its subscription and resource group where they are new. @returns its ARM id */
export function addCluster(state: AzureState, made: NewCluster): string {
  const { kind, name, subscriptionId, resourceGroup, tags = {}, isPrivate = false } = made
  addGroup(state, subscriptionId, resourceGroup)
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${TYPES[kind]}/${name}`
  const base = newCluster()
  const access = isPrivate ? { apiServerAccessProfile: { enablePrivateCluster: true } } : {}
  const resource = { ...base, id, name, tags, properties: { ...base.properties, ...access } }
  const more = { subscriptionId, resourceGroup, busyUntil: 0, reachable: true }
  state.furtherClusters.push({ kind, resource, ...more })
  return id
}

/** A subscription that is new is one of the first tenant, and the deployer owns it. */
function addGroup(state: AzureState, subscriptionId: string, resourceGroup: string): void {
  const known = state.subscriptions.find((one) => one.subscriptionId === subscriptionId)
  const group = resourceGroup.toLowerCase()
  if (known) {
    if (!known.resourceGroups.includes(group)) known.resourceGroups.push(group)
    return
  }
  state.subscriptions.push({
    subscriptionId,
    displayName: `Subscription of ${group}`,
    tenantId: IDS.tenantId,
    resourceGroups: [group]
  })
  state.assignments = [...state.assignments, { scope: `/subscriptions/${subscriptionId}`, actions: ['*'] }]
}

/** The cluster that the path of a request names. */
export function furtherClusterOf(
  { furtherClusters }: AzureState,
  kind: FurtherCluster['kind'],
  { subscription, group, name }: Call['params']
): FurtherCluster | undefined {
  return furtherClusters.find(
    (one) =>
      one.kind === kind &&
      one.subscriptionId === subscription &&
      one.resourceGroup.toLowerCase() === group?.toLowerCase() &&
      one.resource.name.toLowerCase() === name?.toLowerCase()
  )
}
