/** Built-in roles of Azure that the twin knows (learn.microsoft.com/azure/role-based-access-control/built-in-roles). */
import type { RoleDefinition } from './assignments.ts'

const REGISTRIES = 'Microsoft.ContainerRegistry/registries'

function role(
  name: string,
  roleName: string,
  may: { readonly actions?: readonly string[]; readonly dataActions?: readonly string[] }
): RoleDefinition {
  const { actions = [], dataActions = [] } = may
  return {
    name,
    roleName,
    description: roleName,
    assignableScopes: ['/'],
    actions,
    notActions: [],
    dataActions
  }
}

export const BUILT_IN_ROLES: readonly RoleDefinition[] = [
  role('7f951dda-4ed3-4680-a7ca-43fe172d538d', 'AcrPull', { actions: [`${REGISTRIES}/pull/read`] }),
  role('b93aa761-3e63-49ed-ac28-beffa264f7ac', 'Container Registry Repository Reader', {
    dataActions: [`${REGISTRIES}/repositories/metadata/read`, `${REGISTRIES}/repositories/content/read`]
  })
]

/** The built-in role that an id in any subscription names. */
export function builtIn(roleDefinitionId: string): RoleDefinition | undefined {
  const [, name] =
    /^(?:\/subscriptions\/[^/]+)?\/providers\/Microsoft\.Authorization\/roleDefinitions\/([^/]+)$/i.exec(
      roleDefinitionId
    ) ?? []
  return BUILT_IN_ROLES.find((one) => one.name === name?.toLowerCase())
}

/** As ARM names it in a subscription. */
export function builtInId(subscriptionId: string, roleName: string): string {
  const { name = '' } = BUILT_IN_ROLES.find((one) => one.roleName === roleName) ?? {}
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${name}`
}
