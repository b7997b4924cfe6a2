/**
 * The rights of the pipeline, at the narrowest scope. All come from the tables that docs/permissions is compared with;
 * what set-up makes itself, the pipeline needs no right to make.
 */
import { PROBES, READS, WORKLOAD, WRITES, type KubernetesNeed } from '../../chain/permissions.ts'
import type { Instance } from '../../argocd/instance.ts'
import { ROLES } from '../../services/azure/roles.ts'
import { clusterId, groupId, identityId, type Settings } from './settings.ts'

/** Names of one installation of Argo CD that rights are limited to. */
export type ArgocdNames = Pick<Instance, 'namespace' | 'deployment' | 'account' | 'configuration'>

/** As the manifests of Argo CD name them; for the script, which does not look. */
export const USUAL_ARGOCD: ArgocdNames = {
  namespace: 'argocd',
  deployment: 'argocd-repo-server',
  account: 'argocd-repo-server',
  configuration: 'manifests'
}

const OF_OTHER_SIDE = {
  cluster: /^Microsoft[.]ManagedIdentity[/]/,
  identity: /^Microsoft[.](?:ContainerService|Kubernetes|KubernetesConfiguration|Resources)[/]/
} as const
const MAKING = 'Microsoft.ManagedIdentity/userAssignedIdentities/write'

/** Where a login of the pipeline has rights in Azure: with two tenants each has those of its own. */
export type Side = 'everything' | 'cluster' | 'identity'

/** The actions of the custom role. */
export function actionsOf(
  { selfService }: Settings,
  configuration: ArgocdNames['configuration'],
  side: Side = 'everything'
): string[] {
  const actionsIn = (file: string): readonly string[] => ROLES.find((one) => one.file === file)?.actions ?? []
  const usual = actionsIn('docs/permissions/azure-role.json')
  const extension =
    configuration === 'extension' ? actionsIn('docs/permissions/azure-role-extension.json') : []
  const all = [...usual.filter((action) => selfService || action !== MAKING), ...extension]
  return all.filter((action) => side === 'everything' || !OF_OTHER_SIDE[side].test(action))
}

/** Where the role is assigned: the cluster and Argo CD's identity, or for self-service the identity's resource group. */
export function scopesOf({ cluster, identity, selfService }: Settings, side: Side = 'everything'): string[] {
  return [
    ...(side === 'identity' ? [] : [clusterId(cluster)]),
    ...(side === 'cluster' ? [] : [selfService ? groupId(identity) : identityId(identity)])
  ]
}

/** The resource groups that a custom role must name to be assigned at these scopes. */
export function assignableScopesOf({ cluster, identity }: Settings, side: Side = 'everything'): string[] {
  const groups = [
    ...(side === 'identity' ? [] : [groupId(cluster)]),
    ...(side === 'cluster' ? [] : [groupId(identity)])
  ]
  return groups.filter(
    (one, index) => groups.findIndex((two) => two.toLowerCase() === one.toLowerCase()) === index
  )
}

/** The scope of one namespace, as AKS asks about it (Azure/guard, authz/providers/azure/rbac). */
export function namespaceScope(cluster: Settings['cluster'], namespace: string): string {
  return `${clusterId(cluster)}/namespaces/${namespace}`
}

export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

function needsOf({ configuration }: Pick<ArgocdNames, 'configuration'>): KubernetesNeed[] {
  return [
    ...Object.values(READS).flatMap(({ kubernetes = [] }) => kubernetes),
    ...(WRITES.connection?.kubernetes ?? []),
    ...(WORKLOAD[configuration].kubernetes ?? []),
    ...PROBES
  ].filter(({ resource }) => resource !== 'argocds' || configuration === 'operator')
}

/**
 * The same as data actions of a custom role. AKS knows three of each resource, none of a single name or subresource, and
 * one set for all custom resources (Azure/guard, authz/providers/azure/rbac/checkaccessreqhelper.go).
 */
export function dataActionsOf(names: Pick<ArgocdNames, 'configuration'>): string[] {
  const actions = needsOf(names).map(({ verb, group, resource }) => {
    const word = ['get', 'list', 'watch'].includes(verb) ? 'read' : verb === 'delete' ? 'delete' : 'write'
    const own = group.includes('.') && !group.endsWith('k8s.io')
    const path = own ? ['customresources'] : group === '' ? [resource] : [group, resource]
    return ['Microsoft.ContainerService/managedClusters', ...path, word].join('/')
  })
  return [...new Set(actions)]
}

/** The rules of a Role in Argo CD's namespace. */
export function rulesOf(names: ArgocdNames): Rule[] {
  const needs = needsOf(names)
  const rules = new Map<string, { rule: Omit<Rule, 'verbs'>; verbs: Set<string> }>()
  for (const need of needs) {
    const { verb, group, resource, subresource } = need
    const name = nameOf(need, names)
    const full = subresource === undefined ? resource : `${resource}/${subresource}`
    const key = `${group} ${full} ${name ?? ''}`
    const rule = {
      apiGroups: [group],
      resources: [full],
      ...(name === undefined ? {} : { resourceNames: [name] })
    }
    const known = rules.get(key) ?? { rule, verbs: new Set() }
    known.verbs.add(verb)
    rules.set(key, known)
  }
  return [...rules.values()].map(({ rule, verbs }) => ({ ...rule, verbs: [...verbs] }))
}

function nameOf({ object, named }: KubernetesNeed, { account, deployment }: ArgocdNames): string | undefined {
  if (named !== undefined) return named
  return object === undefined ? undefined : { account, deployment }[object]
}
