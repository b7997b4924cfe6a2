/**
 * The resources as a script of az and kubectl, which makes them anew or finds them. Every value is one word of the
 * shell, and every text that is not the script's own is in a quoted here-document.
 */
import { CLIENT_ID, LABEL, TENANT_ID } from '../../argocd/identity.ts'
import { keysOf } from '../../argocd/installs/extension.ts'
import { resourceOf } from '../../argocd/installs/operator.ts'
import { word } from '../../core/shell.ts'
import { VERSION } from '../../core/version.ts'
import { assignmentName, definitionId } from '../../services/azure/role-assignments.ts'
import { ASSIGN } from '../setup/script/azure.ts'
import { ALLOW, JOIN, MEMBERS, REQUESTS } from '../setup/script/azure-devops.ts'
import { assigned, IN_TENANT, quoted } from '../setup/script/step.ts'
import { manifestOf, type Exported, type ExportedArgocd, type ExportedOrganization } from './exported.ts'

export function scriptOf(exported: Exported): string {
  const { organizations, argocd, secrets, application } = exported
  const manifests = [...secrets.map(secretOf), ...(application ? [manifestOf(application)] : [])]
  const places = organizations.flatMap((one) => one.places)
  return [
    ...headerOf(exported),
    ...azureOf(exported),
    ...rolesOf(exported),
    ...(organizations.length === 0
      ? []
      : [
          '',
          '# Azure DevOps',
          ...REQUESTS,
          ...MEMBERS,
          ...(places.some(({ kind }) => kind === 'readers') ? JOIN : []),
          ...(places.some(({ kind }) => kind !== 'readers') ? ALLOW : [])
        ]),
    ...organizations.flatMap(organizationOf),
    ...(argocd || manifests.length > 0 ? ['', '# The cluster, by the current context of kubectl'] : []),
    ...(argocd ? argocdOf(argocd) : []),
    ...manifests.flatMap((manifest) => [
      ...assigned('manifest', JSON.stringify(manifest, null, 2)),
      'printf "%s\\n" "$manifest" | kubectl apply -f -'
    ]),
    ''
  ].join('\n')
}

function headerOf({ identity: { tenantId, subscriptionId, resourceGroup, name } }: Exported): string[] {
  return [
    '#!/usr/bin/env bash',
    `# Made by patless export, version ${VERSION}. It may be run again: what exists stays.`,
    '# It needs az, logged in to the tenant below, and kubectl, whose current context is the cluster.',
    'set -euo pipefail',
    `tenant=${quoted(tenantId)}`,
    `subscription=${quoted(subscriptionId)}`,
    `group=${quoted(resourceGroup)}`,
    `identity=${quoted(name)}`,
    'az account set --subscription "$subscription"',
    ...IN_TENANT
  ]
}

function azureOf({ identity: { location, tags }, credential }: Exported): string[] {
  const region = location === undefined ? '' : ` --location ${word(location)}`
  const words = Object.entries(tags).map(([name, value]) => word(`${name}=${value}`))
  return [
    '',
    '# The identity, and its trust in the tokens of the repo-server',
    `az identity create --resource-group "$group" --name "$identity"${region}${words.length === 0 ? '' : ` --tags ${words.join(' ')}`} --output none`,
    'client=$(az identity show --resource-group "$group" --name "$identity" --query clientId --output tsv)',
    'principal=$(az identity show --resource-group "$group" --name "$identity" --query principalId --output tsv)',
    ': "$client" "$principal"',
    ...(credential
      ? [
          `az identity federated-credential create --resource-group "$group" --identity-name "$identity" --name ${word(credential.name)} --issuer ${word(credential.issuer)} --subject ${word(credential.subject)} --audiences ${credential.audiences.map(word).join(' ')} --output none`
        ]
      : [])
  ]
}

/** With the name that apply would give it, unless it has another one. */
function rolesOf({ roles, identity: { principalId } }: Exported): string[] {
  if (roles.length === 0) return []
  return [
    ...ASSIGN,
    ...roles.flatMap(({ scope, role, name }) => {
      const id = definitionId(scope.split('/')[2] ?? '', role.id)
      const isUsual = name === assignmentName(scope, id, principalId)
      const place = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`
      const properties =
        '\\"roleDefinitionId\\": \\"$role\\", \\"principalId\\": \\"$principal\\", \\"principalType\\": \\"ServicePrincipal\\"'
      return [
        `role=${quoted(id)}`,
        isUsual
          ? `assign ${word(scope)}`
          : `az rest --method put --url ${word(place)} --body "{\\"properties\\": {${properties}}}" --output none`
      ]
    })
  ]
}

function organizationOf({ name, entitlementId, places }: ExportedOrganization): string[] {
  if (entitlementId === undefined) return []
  return [
    '',
    `in_organization ${word(name)}`,
    'argocd_member=$(member "$principal")',
    ...places.map((place) =>
      place.kind === 'readers'
        ? `reader "$argocd_member" ${word(place.projectId)}`
        : `allow ${word(place.secured.namespace)} ${quoted(place.secured.token)} ${place.secured.read} "$argocd_member"`
    )
  ]
}

function argocdOf({ instance, clientId, tenantId, labelled }: ExportedArgocd): string[] {
  const { namespace, account, deployment, configuration, clusterId } = instance
  const kubectl = `kubectl --namespace ${word(namespace)}`
  const patch = (kind: string, name: string, body: object): string =>
    `${kubectl} patch ${kind} ${word(name)} --type merge --patch ${word(JSON.stringify(body))}`
  const label = { metadata: { labels: { [LABEL]: 'true' } } }
  if (configuration === 'extension') {
    const [, group = '', cluster = ''] =
      /\/resourcegroups\/([^/]+)\/.*\/([^/]+)$/i.exec(clusterId ?? '') ?? []
    const { clientId: key, enabled } = keysOf(instance)
    return [
      `az k8s-extension update --cluster-type managedClusters --resource-group ${word(group)} --cluster-name ${word(cluster)} --name ${word(instance.extension?.name ?? 'argocd')} --configuration-settings ${word(`${enabled}=true`)} ${word(`${key}=`)}"$client" --yes --output none`
    ]
  }
  return [
    ...(clientId === undefined
      ? []
      : [
          `${kubectl} annotate serviceaccount ${word(account)} --overwrite ${CLIENT_ID}="$client"${tenantId === undefined ? '' : ` ${TENANT_ID}="$tenant"`}`
        ]),
    ...(!labelled
      ? []
      : configuration === 'operator'
        ? [
            patch('argocd', resourceOf(instance), {
              spec: { repo: { serviceaccount: account, labels: { [LABEL]: 'true' } } }
            })
          ]
        : [
            '# Where a chart or another Argo CD keeps the Deployment, the label belongs there: this patch would not last.',
            patch('deployment', deployment, { spec: { template: label } }),
            `${kubectl} rollout status deployment ${word(deployment)} --timeout 10m`
          ])
  ]
}

function secretOf({ namespace, name, labels, data }: Exported['secrets'][number]): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name, labels }, stringData: data }
}
