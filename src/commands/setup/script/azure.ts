/** The steps of an administrator of Azure. */
import { bodyOf, definitionId } from '../../../services/azure/role-assignments.ts'
import { word } from '../../../core/shell.ts'
import { DESCRIPTION } from '../azure-rights.ts'
import { credentialName } from '../login.ts'
import { actionsOf, assignableScopesOf, scopesOf, USUAL_ARGOCD } from '../rights.ts'
import { roleOf, type Settings } from '../settings.ts'
import { assigned, type Step } from './step.ts'

const AUDIENCE = 'api://AzureADTokenExchange'
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

export function azureSteps(settings: Settings): Step[] {
  const make = (name: string): string =>
    `az identity create --resource-group "$identity_group" --name "$${name}" --location "$location" ${TAG} --output none`
  const ids = (name: string, prefix: string): string[] => [
    `${prefix}_client=\${${prefix.toUpperCase()}_CLIENT:-$(az identity show --resource-group "$identity_group" --name "$${name}" --query clientId --output tsv)}`,
    `${prefix}_principal=\${${prefix.toUpperCase()}_PRINCIPAL:-$(az identity show --resource-group "$identity_group" --name "$${name}" --query principalId --output tsv)}`,
    `: "$${prefix}_client" "$${prefix}_principal"`
  ]
  return [
    {
      for: 'azure',
      order: 10,
      title: `The identity that the pipeline logs in as${settings.selfService ? '' : ', and the one that Argo CD reads as'}`,
      lines: [
        'location=$(az aks show --resource-group "$cluster_group" --name "$cluster" --query location --output tsv)',
        make('login'),
        ...(settings.selfService ? [] : [make('identity')])
      ]
    },
    {
      for: 'everybody',
      order: 20,
      title: 'Their ids; whoever may not look them up is given them (PIPELINE_PRINCIPAL=… bash script)',
      lines: [...ids('login', 'pipeline'), ...(settings.selfService ? [] : ids('identity', 'argocd'))]
    },
    trust(settings),
    role(settings),
    {
      for: 'azure',
      order: 60,
      title: 'The role for the pipeline, at the narrowest scope',
      lines: [...ASSIGN, ...scopesOf(settings).map((scope) => `assign ${word(scope)}`)]
    }
  ]
}

function trust({ pipeline, organization }: Settings): Step {
  const title =
    pipeline.host === 'github' ? `${pipeline.owner}-${pipeline.name}` : `${organization}-${pipeline.project}`
  const facts =
    pipeline.host === 'github'
      ? [
          `issuer=${word(pipeline.issuer)}`,
          `subject=${word(pipeline.subject)}`,
          `credential=${word(credentialName({ title, subject: pipeline.subject }))}`
        ]
      : [
          'issuer=$(connection workloadIdentityFederationIssuer)',
          'subject=$(connection workloadIdentityFederationSubject)',
          `credential=${word(credentialName({ title, subject: '' }).slice(0, -8))}$(printf %s "$subject" | sha256sum | cut -c1-8)`
        ]
  return {
    for: 'azure',
    order: 40,
    title: 'Its trust in exactly this pipeline',
    lines: [
      ...facts,
      `az identity federated-credential create --resource-group "$identity_group" --identity-name "$login" --name "$credential" --issuer "$issuer" --subject "$subject" --audiences ${AUDIENCE} --output none`
    ]
  }
}

function role(settings: Settings): Step {
  const { id: name, name: roleName } = roleOf(settings)
  const actions = actionsOf(settings, USUAL_ARGOCD.configuration)
  const assignableScopes = assignableScopesOf(settings)
  const body = bodyOf({ name, roleName, description: DESCRIPTION, assignableScopes, actions })
  return {
    for: 'azure',
    order: 50,
    title: 'The custom role',
    lines: [
      `role=${word(definitionId(settings.cluster.subscriptionId, name))}`,
      ...assigned('body', JSON.stringify(body, null, 2)),
      'az rest --method put --url "$role?api-version=2022-04-01" --body "$body" --output none'
    ]
  }
}
