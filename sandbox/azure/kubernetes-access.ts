/**
 * The authorization webhook of AKS: what an Entra principal may do in the cluster by role assignments, where Azure RBAC is
 * on (Azure/guard, authz/providers/azure/rbac/checkaccessreqhelper.go).
 */
import { covers, effective } from './rights.ts'
import { CLUSTER_ID, type AzureState } from './state.ts'

/** A request to Kubernetes. Guard looks at no name, and at no subresource but a few that no test here uses. */
export interface KubernetesRequest {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly namespace: string | undefined
}

const PREFIX = 'Microsoft.ContainerService/managedClusters'
/** Groups whose resources are in Azure's list of operations; resources of all others are custom to it. */
const KNOWN: ReadonlySet<string> = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions'])
const WORDS: Readonly<Record<string, string>> = {
  get: 'read',
  list: 'read',
  watch: 'read',
  create: 'write',
  update: 'write',
  patch: 'write',
  delete: 'delete',
  deletecollection: 'delete'
}

export function dataActionOf({ verb, group, resource }: KubernetesRequest): string {
  const word = WORDS[verb] ?? verb
  const known = KNOWN.has(group) || group.endsWith('.k8s.io')
  const path = known ? (group === '' ? resource : `${group}/${resource}`) : 'customresources'
  return `${PREFIX}/${path}/${word}`
}

export function mayInKubernetes(state: AzureState, principalId: string, request: KubernetesRequest): boolean {
  const { aadProfile } = (state.cluster?.properties ?? {}) as { aadProfile?: { enableAzureRBAC?: boolean } }
  if (aadProfile?.enableAzureRBAC !== true) return false
  const { namespace } = request
  const scope = namespace === undefined ? CLUSTER_ID : `${CLUSTER_ID}/namespaces/${namespace}`
  const action = dataActionOf(request)
  return effective(state.assignmentsOf(principalId), scope).some(({ dataActions = [] }) =>
    covers(dataActions, action)
  )
}

/** A role with a data action that Azure does not have is refused. */
export function isDataAction(action: string): boolean {
  const [, path = ''] =
    /^Microsoft\.ContainerService\/managedClusters\/(.+)\/(?:read|write|delete)$/.exec(action) ?? []
  return DATA.has(path)
}

const DATA: ReadonlySet<string> = new Set([
  ...['configmaps', 'customresources', 'events', 'pods', 'secrets', 'serviceaccounts', 'services'],
  ...['daemonsets', 'deployments', 'replicasets', 'statefulsets'].map((one) => `apps/${one}`),
  'coordination.k8s.io/leases'
])
