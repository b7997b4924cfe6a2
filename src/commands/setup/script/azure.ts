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
  USUAL_ARGOCD
} from '../rights.ts'
import { groupId, kubernetesRoleOf, roleOf, type CustomRole, type Settings } from '../settings.ts'
import { assigned, type Step } from './step.ts'
import { AUDIENCE, trustFacts } from './trust.ts'

/** The name is the same for the same facts (guidOf), so that a second run writes the same assignment. */
const ASSIGN = [
  'assign() {',
  '  local hex name body',
  `  hex=$(printf '["%s","%s","%s"]' "\${1,,}" "\${role,,}" "$pipeline_principal" | sha256sum)`,
  '  name=${hex:0:8}-${hex:8:4}-8${hex:13:3}-$(printf %x $(((16#${hex:16:1} & 3) | 8)))${hex:17:3}-${hex:20:12}',
  `  body='{"properties": {"roleDefinitionId": "'"$role"'", "principalId": "'"$pipeline_principal"'", "principalType": "ServicePrincipal"}}'`,
  '  az rest --method put --url "$1/providers/Microsoft.Authorization/roleAssignments/$name?api-version=2022-04-01" --body "$body" --output none',
  '}'
]
const TAG = '--tags managed-by=patless'
/** What exists is never written again: a write replaces all tags. */
const MAKE = [
  'make() {',
  '  az identity show --resource-group "$identity_group" --name "$1" --output none 2> /dev/null ||',
  `    az identity create --resource-group "$identity_group" --name "$1" --location "$location" ${TAG} --output none`,
  '}'
]
const OURS = [
  `if [ "$(az identity show --resource-group "$identity_group" --name "$login" --query 'tags."managed-by"' --output tsv)" != patless ]; then`,
  '  echo "There is an identity $login that Patless did not make: choose another name with --login-name" >&2; exit 1',
  'fi'
]

export function azureSteps(settings: Settings): Step[] {
  const { selfService, login } = settings
  const byIdentity = login.kind === 'identity'
  const titles = [
    ...(byIdentity ? ['the identity that the pipeline logs in as'] : []),
    ...(selfService ? [] : ['the identity that Argo CD reads as'])
  ]
  return [
    ...(titles.length === 0
      ? []
      : [
          {
            for: 'azure' as const,
            order: 10,
            title: `Make ${titles.join(', and ')}`,
            lines: [
              'location=$(az aks show --resource-group "$cluster_group" --name "$cluster" --query location --output tsv)',
              ...MAKE,
              // Before anything else is made.
              ...(byIdentity ? ['make "$login"', ...OURS] : []),
              ...(selfService ? [] : ['make "$identity"'])
            ]
          }
        ]),
    {
      for: 'everybody',
      order: 20,
      title: 'Their ids; whoever may not look them up is given them (PIPELINE_PRINCIPAL=… bash script)',
      lines: [
        ...(byIdentity ? idsOf('login', 'pipeline') : []),
        ...(selfService ? [] : idsOf('identity', 'argocd'))
      ]
    },
    ...(byIdentity ? [trust(settings)] : []),
    {
      for: 'azure',
      order: 50,
      title: 'The custom role, for the pipeline at the narrowest scope',
      lines: [
        ...ASSIGN,
        ...roleLines(settings, roleOf(settings), {
          actions: actionsOf(settings, USUAL_ARGOCD.configuration),
          dataActions: [],
          assignableScopes: assignableScopesOf(settings)
        }),
        ...scopesOf(settings).map((scope) => `assign ${word(scope)}`)
      ]
    },
    inCluster(settings)
  ]
}

function idsOf(name: string, prefix: string): string[] {
  const idOf = (field: string): string =>
    `$(az identity show --resource-group "$identity_group" --name "$${name}" --query ${field} --output tsv)`
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
    title: `Where the cluster authorizes by Azure RBAC, a custom role in ${argocdNamespace} instead of a Role`,
    lines: [
      'if [ "$(az aks show --resource-group "$cluster_group" --name "$cluster" --query aadProfile.enableAzureRbac --output tsv)" = true ]; then',
      ...roleLines(settings, kubernetesRoleOf(settings), {
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
  { cluster }: Settings,
  { id: name, name: roleName }: CustomRole,
  rights: Record<'actions' | 'dataActions' | 'assignableScopes', readonly string[]>
): string[] {
  const body = bodyOf({ name, roleName, description: DESCRIPTION, ...rights })
  return [
    `role=${word(definitionId(cluster.subscriptionId, name))}`,
    ...assigned('body', JSON.stringify(body, null, 2)),
    'az rest --method put --url "$role?api-version=2022-04-01" --body "$body" --output none'
  ]
}

function trust(settings: Settings): Step {
  return {
    for: 'azure',
    order: 40,
    title: 'Its trust in exactly this pipeline',
    lines: [
      ...trustFacts(settings.pipeline),
      `az identity federated-credential create --resource-group "$identity_group" --identity-name "$login" --name "$credential" --issuer "$issuer" --subject "$subject" --audiences ${AUDIENCE} --output none`
    ]
  }
}
