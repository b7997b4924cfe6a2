/** The custom roles of docs/permissions: which action is in which, and where each is assigned. */

export interface Role {
  readonly file: string
  readonly name: string
  readonly actions: readonly string[]
}

const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const CLUSTERS = 'Microsoft.ContainerService/managedClusters'
const EXTENSIONS = 'Microsoft.KubernetesConfiguration/extensions'

/** To ask what one may do is a right of its own. */
export const ASKING = 'Microsoft.Authorization/permissions/read'

/** Of the polls of a cluster update; the operations are the subscription's, not the cluster's. */
export const CLUSTER_OPERATIONS = 'Microsoft.ContainerService/locations/operations/read'

export const ROLES: readonly Role[] = [
  {
    file: 'docs/permissions/azure-role.json',
    name: 'Patless',
    actions: [
      ASKING,
      `${CLUSTERS}/read`,
      `${CLUSTERS}/listClusterUserCredential/action`,
      `${IDENTITIES}/read`,
      `${IDENTITIES}/write`,
      `${IDENTITIES}/federatedIdentityCredentials/read`,
      `${IDENTITIES}/federatedIdentityCredentials/write`
    ]
  },
  {
    file: 'docs/permissions/azure-role-configure-cluster.json',
    name: 'Patless configure-cluster',
    actions: [`${CLUSTERS}/write`]
  },
  {
    file: 'docs/permissions/azure-role-linked.json',
    name: 'Patless linked',
    actions: [
      ASKING,
      'Microsoft.OperationalInsights/workspaces/sharedkeys/read',
      'Microsoft.Network/virtualNetworks/subnets/join/action',
      `${IDENTITIES}/assign/action`
    ]
  },
  {
    file: 'docs/permissions/azure-role-extension.json',
    name: 'Patless extension',
    actions: [`${EXTENSIONS}/read`, `${EXTENSIONS}/write`, `${EXTENSIONS}/operations/read`]
  },
  {
    file: 'docs/permissions/azure-role-subscription.json',
    name: 'Patless subscription',
    actions: [ASKING, CLUSTER_OPERATIONS, 'Microsoft.KubernetesConfiguration/register/action']
  },
  {
    file: 'docs/permissions/azure-role-remove.json',
    name: 'Patless remove',
    actions: [`${IDENTITIES}/delete`, `${IDENTITIES}/federatedIdentityCredentials/delete`]
  }
]

/** The role of the documentation with this action; undefined when none has it. */
export function roleWith(action: string): Role | undefined {
  const wanted = action.toLowerCase()
  return ROLES.find(({ actions }) => actions.some((one) => one.toLowerCase() === wanted))
}
