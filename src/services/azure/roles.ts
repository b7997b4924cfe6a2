/** The custom roles of docs/permissions, with their actions and the scope at which each is assigned. */

export interface Role {
  readonly file: string
  readonly name: string
  readonly actions: readonly string[]
  /** On the objects of Kubernetes, where the cluster authorizes by Azure RBAC. */
  readonly dataActions?: readonly string[]
}

const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const CLUSTERS = 'Microsoft.ContainerService/managedClusters'
const REGISTRIES = 'Microsoft.ContainerRegistry/registries'
const ASSIGNMENTS = 'Microsoft.Authorization/roleAssignments'
const EXTENSIONS = 'Microsoft.KubernetesConfiguration/extensions'

/** Reading one's own permissions is a separate action. */
export const ASKING = 'Microsoft.Authorization/permissions/read'

/** For polling a cluster update; operations belong to the subscription, not to the cluster. */
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
    file: 'docs/permissions/azure-role-arc.json',
    name: 'Patless Arc',
    actions: ['Microsoft.Kubernetes/connectedClusters/read']
  },
  {
    file: 'docs/permissions/azure-role-run-command.json',
    name: 'Patless run-command',
    actions: [`${CLUSTERS}/runcommand/action`, `${CLUSTERS}/commandResults/read`]
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
    file: 'docs/permissions/azure-role-kubernetes.json',
    name: 'Patless Kubernetes',
    actions: [],
    dataActions: [
      'apps/deployments/read',
      'apps/deployments/write',
      'apps/statefulsets/read',
      'configmaps/read',
      'customresources/delete',
      'customresources/read',
      'customresources/write',
      'pods/read',
      'secrets/read',
      'secrets/write',
      'serviceaccounts/read',
      'serviceaccounts/write',
      'services/read'
    ].map((one) => `${CLUSTERS}/${one}`)
  },
  {
    file: 'docs/permissions/azure-role-registries.json',
    name: 'Patless registries',
    actions: [
      ASKING,
      `${REGISTRIES}/read`,
      `${ASSIGNMENTS}/read`,
      `${ASSIGNMENTS}/write`,
      `${ASSIGNMENTS}/delete`
    ]
  },
  {
    file: 'docs/permissions/azure-role-remove.json',
    name: 'Patless remove',
    actions: [`${IDENTITIES}/delete`, `${IDENTITIES}/federatedIdentityCredentials/delete`]
  }
]

/** The documented role with this action; undefined when there is none. */
export function roleWith(action: string): Role | undefined {
  const wanted = action.toLowerCase()
  return ROLES.find(({ actions }) => actions.some((one) => one.toLowerCase() === wanted))
}
