/** The login of the twin with exactly the roles of docs/permissions, or with one action less. */
import { readFileSync } from 'node:fs'
import type { WorldUnderTest } from '../../sandbox/in-process.ts'
import type { Assignment } from '../../sandbox/azure/assignments.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'

const ROLES = kindOf('rbac.authorization.k8s.io', 'roles') as Kind

/** Where the documentation says that each is assigned. */
const SCOPES = {
  'azure-role.json': ['group'],
  'azure-role-arc.json': ['group'],
  'azure-role-run-command.json': ['cluster'],
  'azure-role-configure-cluster.json': ['cluster'],
  'azure-role-linked.json': ['subnet', 'workspace', 'identity'],
  'azure-role-extension.json': ['cluster'],
  'azure-role-subscription.json': ['subscription'],
  'azure-role-registries.json': ['registry'],
  'azure-role-remove.json': ['group']
} as const
export type AzureRole = keyof typeof SCOPES
type Scope = (typeof SCOPES)[AzureRole][number]

export interface Place {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly clusterId: string
}

export function scopesOf({
  subscriptionId,
  resourceGroup,
  clusterId
}: Place): Readonly<Record<Scope, string>> {
  const subscription = `/subscriptions/${subscriptionId}`
  const shared = `${subscription}/resourceGroups/rg-shared/providers`
  return {
    subscription,
    group: `${subscription}/resourceGroups/${resourceGroup}`,
    cluster: clusterId,
    subnet: `${shared}/Microsoft.Network/virtualNetworks/hub/subnets/aks`,
    registry: `${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/contosocharts`,
    workspace: `${shared}/Microsoft.OperationalInsights/workspaces/logs`,
    identity: `${shared}/Microsoft.ManagedIdentity/userAssignedIdentities/id-aks`
  }
}

export function actionsIn(role: AzureRole): string[] {
  return (JSON.parse(readFileSync(`docs/permissions/${role}`, 'utf8')) as { Actions: string[] }).Actions
}

/** @param has which of the actions; absent: all */
export function assigned(
  roles: readonly AzureRole[],
  place: Place,
  has: (action: string) => boolean = () => true
): Assignment[] {
  const scopes = scopesOf(place)
  return roles.flatMap((role) =>
    SCOPES[role].map((scope) => ({ scope: scopes[scope], actions: actionsIn(role).filter(has) }))
  )
}

/** Takes a verb on a resource out of the Roles that are bound. */
export function forbid({ twin }: WorldUnderTest, verb: string, resource: string): void {
  const { store } = twin.kubernetes
  for (const role of store.list(ROLES, 'argocd')) {
    const rules = (role['rules'] as { resources: string[]; verbs: string[] }[]).map((rule) =>
      rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) } : rule
    )
    store.update(ROLES, role, { ...role, rules })
  }
}
