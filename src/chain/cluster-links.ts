/**
 * Other resources that the body of a cluster references. A login that writes the whole body back needs permission to
 * use each of them, changed or not: linked access checks (Azure/azure-cli#22232;
 * learn.microsoft.com/azure/aks/concepts-identity).
 */
import type { ManagedCluster } from '../services/azure/arm.ts'
import { recordOf } from '../http/request.ts'

const JOIN = 'Microsoft.Network/virtualNetworks/subnets/join/action'
const KEYS = 'Microsoft.OperationalInsights/workspaces/sharedkeys/read'
const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'
export const LINKED = [JOIN, KEYS, ASSIGN] as const

export interface Link {
  readonly action: string
  /** Id of the resource. */
  readonly scope: string
}

export function linksOf(cluster: ManagedCluster): Link[] {
  const { agentPoolProfiles = [], apiServerAccessProfile, addonProfiles } = cluster.properties
  const pools = agentPoolProfiles.map((pool) => recordOf(pool))
  const subnets = [
    ...pools.flatMap(({ vnetSubnetID, podSubnetID }) => [vnetSubnetID, podSubnetID]),
    recordOf(apiServerAccessProfile)['subnetId']
  ]
  const workspaces = Object.values(recordOf(addonProfiles)).flatMap((addon) => {
    const { enabled, config } = recordOf(addon)
    const ids = Object.entries(recordOf(config)).filter(
      ([name]) => name.toLowerCase() === 'loganalyticsworkspaceresourceid'
    )
    return enabled === true ? ids.map(([, id]) => id) : []
  })
  const identities = Object.keys(recordOf(recordOf(cluster['identity'])['userAssignedIdentities']))
  return [...each(JOIN, subnets), ...each(KEYS, workspaces), ...each(ASSIGN, identities)]
}

/** Removes duplicates regardless of case and skips values that are not resource ids. */
function each(action: string, ids: readonly unknown[]): Link[] {
  const found = ids.filter((id) => typeof id === 'string').filter((id) => /^\/subscriptions\//i.test(id))
  return [...new Map(found.map((id) => [id.toLowerCase(), id])).values()].map((scope) => ({ action, scope }))
}
