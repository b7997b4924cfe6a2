/** The managed clusters of ARM, the one that most tests use and further ones, in one shape. */
import type { Call } from '../wire.ts'
import type { ClusterAccess } from '../world.ts'
import type { ArmContext } from './arm-context.ts'
import { furtherClusterOf } from './further-clusters.ts'
import { newCluster } from './new-cluster.ts'
import { IDS, type FurtherCluster, type ManagedCluster } from './state.ts'

/** A cluster of ARM, whichever it is, with its API server. */
export interface Kept extends Pick<FurtherCluster, 'resource' | 'busyUntil'> {
  readonly reachable: boolean
  readonly access: ClusterAccess
}

/** The cluster that the path of a request names. */
export function keptOf(context: ArmContext, { params }: Call): Kept | undefined {
  const state = context.state()
  const further = furtherClusterOf(state, 'managed', params)
  if (further) return keptFurther(further, context)
  const isFirst = params['name']?.toLowerCase() === state.cluster?.name.toLowerCase()
  const { subscription, group } = params
  const isHere = subscription === IDS.subscriptionId && group?.toLowerCase() === IDS.resourceGroup
  return isFirst && isHere ? keptFirst(context) : undefined
}

function keptFirst({ state: current, cluster }: ArmContext): Kept | undefined {
  const state = current()
  if (!state.cluster) return undefined
  return {
    get resource() {
      return state.cluster ?? newCluster()
    },
    set resource(next) {
      state.cluster = next
    },
    get busyUntil() {
      return state.clusterBusyUntil
    },
    set busyUntil(next) {
      state.clusterBusyUntil = next
    },
    reachable: state.apiServerReachable,
    access: cluster()
  }
}

function keptFurther(further: FurtherCluster, { cluster }: ArmContext): Kept {
  return {
    get resource() {
      return further.resource
    },
    set resource(next) {
      further.resource = next
    },
    get busyUntil() {
      return further.busyUntil
    },
    set busyUntil(next) {
      further.busyUntil = next
    },
    reachable: further.reachable,
    access: cluster(further.resource.id.toLowerCase())
  }
}

/** The clusters of the subscription or resource group in the path. */
export function present(context: ArmContext, { params }: Call): ManagedCluster[] {
  const { subscription, group } = params
  const further = context
    .state()
    .furtherClusters.filter((one) => one.kind === 'managed' && one.subscriptionId === subscription)
    .filter((one) => group === undefined || one.resourceGroup.toLowerCase() === group.toLowerCase())
    .map((one) => keptFurther(one, context))
  const first = subscription === IDS.subscriptionId ? keptFirst(context) : undefined
  const isHere = group === undefined || group.toLowerCase() === IDS.resourceGroup
  return [...(first && isHere ? [first] : []), ...further].map(shownOf)
}

/** The cluster as returned by GET: with the state of the operation, and the issuer only once it is enabled. */
function shownOf({ resource, busyUntil, access }: Kept): ManagedCluster {
  const provisioningState = Date.now() < busyUntil ? 'Updating' : 'Succeeded'
  const profile = resource.properties['oidcIssuerProfile'] as { enabled?: boolean } | undefined
  const pools = resource.properties['agentPoolProfiles'] as Record<string, unknown>[] | undefined
  return {
    ...resource,
    properties: {
      ...resource.properties,
      provisioningState,
      ...(pools ? { agentPoolProfiles: pools.map((pool) => ({ ...pool, provisioningState })) } : {}),
      ...(profile?.enabled === true ? { oidcIssuerProfile: { enabled: true, issuerURL: access.issuer } } : {})
    }
  }
}
