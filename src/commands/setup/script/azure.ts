/** The steps of an administrator of Azure. */
import { bodyOf, definitionId } from '../../../services/azure/role-assignments.ts'
import { word } from '../../../core/shell.ts'
import { DESCRIPTION } from '../azure-rights.ts'
import {
  actionsOf,
  assignableScopesOf,
  dataActionsOf,
  namespaceScope,
  scopesOf,
  USUAL_ARGOCD,
  type Side
} from '../rights.ts'
import { groupId, kubernetesRoleOf, roleOf, type CustomRole, type Settings } from '../settings.ts'
import { assigned, type Step } from './step.ts'
import { AUDIENCE, decidedFacts, trustFacts } from './trust.ts'

/** The name is the same for the same facts (guidOf), so that a second run writes the same assignment. */
export const ASSIGN = [
  'assign() {',
  '  local hex name body',
  `  hex=$(printf '["%s","%s","%s"]' "\${1,,}" "\${role,,}" "$principal" | sha256sum)`,
  '  name=${hex:0:8}-${hex:8:4}-8${hex:13:3}-$(printf %x $(((16#${hex:16:1} & 3) | 8)))${hex:17:3}-${hex:20:12}',
  `  body='{"properties": {"roleDefinitionId": "'"$role"'", "principalId": "'"$principal"'", "principalType": "ServicePrincipal"}}'`,
  '  az rest --method put --url "$1/providers/Microsoft.Authorization/roleAssignments/$name?api-version=2022-04-01" --body "$body" --output none',
  '}'
]
const LOCATION = [
  'location=$(az aks show --resource-group "$cluster_group" --name "$cluster" --query location --output tsv)'
]
const TAG = '--tags managed-by=patless'
/** What exists is never written again: a write replaces all tags. */
const MAKE = [
  'make() {',
  '  az identity show --subscription "$1" --resource-group "$2" --name "$3" --output none 2> /dev/null ||',
  `    az identity create --subscription "$1" --resource-group "$2" --name "$3" --location "$location" ${TAG} --output none`,
  '}'
]
const ours = (at: string): string[] => [
  `if [ "$(az identity show ${at} --name "$login" --query 'tags."managed-by"' --output tsv)" != patless ]; then`,
  '  echo "There is an identity $login that Patless did not make: choose another name with --login-name" >&2; exit 1',
  'fi'
]

/**
 * @param settings of the tenant that the side is in
 * @param side with two tenants, each has a login, a trust and a role of its own
 */
export function azureSteps(settings: Settings, side: Side): Step[] {
  const { selfService, login } = settings
  const byIdentity = login.kind === 'identity'
  const makes = !selfService && side !== 'cluster'
  const prefix = prefixOf(side)
  const later = side === 'identity' ? 5 : 0
  const tenant = side === 'identity' ? 'identity' : 'cluster'
  const titles = [
    ...(byIdentity ? ['the identity that the pipeline logs in as'] : []),
    ...(makes ? ['the identity that Argo CD reads as'] : [])
  ]
  const place = placeOf(side)
  const words = `"$${place.subscription}" "$${place.group}"`
  const at = `--subscription "$${place.subscription}" --resource-group "$${place.group}"`
  return [
    ...(side === 'identity'
      ? []
      : [
          {
            for: 'azure' as const,
            order: 9,
            tenant: 'cluster' as const,
            title: 'Where the cluster is, and what is done more than once',
            lines: [...LOCATION, ...(byIdentity || !selfService ? MAKE : []), ...ASSIGN]
          }
        ]),
    ...(titles.length === 0
      ? []
      : [
          {
            for: 'azure' as const,
            order: 10 + later,
            tenant,
            title: `Make ${titles.join(', and ')}`,
            lines: [
              // Before anything else is made.
              ...(byIdentity ? [`make ${words} "$login"`, ...ours(at)] : []),
              ...(makes ? ['make "$identity_subscription" "$identity_group" "$identity"'] : [])
            ]
          } satisfies Step
        ]),
    {
      for: 'everybody',
      order: 20 + later,
      tenant,
      title: `Their ids; whoever may not look them up is given them (${prefix.toUpperCase()}_PRINCIPAL=… bash script)`,
      lines: [
        ...(byIdentity ? idsOf('login', prefix, at) : []),
        ...(makes
          ? idsOf(
              'identity',
              'argocd',
              '--subscription "$identity_subscription" --resource-group "$identity_group"'
            )
          : [])
      ]
    },
    ...(byIdentity
      ? [
          ...decidedFacts(settings.pipeline, { for: 'azure', order: 39.5 + later }),
          trust(settings, { order: 40 + later, tenant, at })
        ]
      : []),
    {
      for: 'azure',
      order: 50 + later,
      tenant,
      title: 'The custom role, for the pipeline at the narrowest scope',
      lines: [
        `principal=$${prefix}_principal`,
        ...roleLines(side === 'identity' ? settings.identity : settings.cluster, roleOf(settings), {
          actions: actionsOf(settings, USUAL_ARGOCD.configuration, side),
          dataActions: [],
          assignableScopes: assignableScopesOf(settings, side)
        }),
        ...scopesOf(settings, side).map((scope) => `assign ${word(scope)}`)
      ]
    },
    ...(side === 'identity' ? [] : [inCluster(settings)])
  ]
}

/** Of the variables with the ids of a login. */
export function prefixOf(side: Side): 'pipeline' | 'identities' {
  return side === 'identity' ? 'identities' : 'pipeline'
}

/** Variables with the place of the login: with two tenants the first one is beside the cluster. */
function placeOf(side: Side): { readonly subscription: string; readonly group: string } {
  return side === 'cluster'
    ? { subscription: 'subscription', group: 'cluster_group' }
    : { subscription: 'identity_subscription', group: 'identity_group' }
}

function idsOf(name: string, prefix: string, at: string): string[] {
  const idOf = (field: string): string =>
    `$(az identity show ${at} --name "$${name}" --query ${field} --output tsv)`
  return [
    `${prefix}_client=\${${prefix.toUpperCase()}_CLIENT:-${idOf('clientId')}}`,
    `${prefix}_principal=\${${prefix.toUpperCase()}_PRINCIPAL:-${idOf('principalId')}}`,
    `: "$${prefix}_client" "$${prefix}_principal"`
  ]
}

/** Whether Azure RBAC is on is asked when the script runs, because printing it needs no login. */
function inCluster(settings: Settings): Step {
  const { cluster, argocdNamespace = USUAL_ARGOCD.namespace } = settings
  return {
    for: 'azure',
    order: 60,
    tenant: 'cluster',
    title: `Where the cluster authorizes by Azure RBAC, a custom role in ${argocdNamespace} instead of a Role`,
    lines: [
      'if [ "$(az aks show --resource-group "$cluster_group" --name "$cluster" --query aadProfile.enableAzureRbac --output tsv)" = true ]; then',
      'principal=$pipeline_principal',
      ...roleLines(cluster, kubernetesRoleOf(settings), {
        actions: [],
        dataActions: dataActionsOf(USUAL_ARGOCD),
        assignableScopes: [groupId(cluster)]
      }),
      `  assign ${word(namespaceScope(cluster, argocdNamespace))}`,
      'fi'
    ]
  }
}

function roleLines(
  { subscriptionId }: Settings['cluster'],
  { id: name, name: roleName }: CustomRole,
  rights: Record<'actions' | 'dataActions' | 'assignableScopes', readonly string[]>
): string[] {
  const body = bodyOf({ name, roleName, description: DESCRIPTION, ...rights })
  return [
    `role=${word(definitionId(subscriptionId, name))}`,
    ...assigned('body', JSON.stringify(body, null, 2)),
    'az rest --method put --url "$role?api-version=2022-04-01" --body "$body" --output none'
  ]
}

function trust(
  { pipeline }: Settings,
  { order, tenant, at }: Required<Pick<Step, 'order' | 'tenant'>> & { readonly at: string }
): Step {
  return {
    for: 'azure',
    order,
    tenant,
    title: 'Its trust in exactly this pipeline',
    lines: [
      ...trustFacts(pipeline),
      `az identity federated-credential create ${at} --identity-name "$login" --name "$credential" --issuer "$issuer" --subject "$subject" --audiences ${AUDIENCE} --output none`
    ]
  }
}
