/** The resources of Azure as Bicep. Azure DevOps and the cluster have no types in Bicep: the script has these. */
import type { Exported } from './exported.ts'

/** API versions of Microsoft.ManagedIdentity (learn.microsoft.com/azure/templates/microsoft.managedidentity). */
const VERSION = '2024-11-30'
const TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities'

export function bicepOf({ identity, credential, roles }: Exported): string {
  const tags = Object.entries(identity.tags).map(([name, value]) => `    ${text(name)}: ${text(value)}`)
  const trust = credential && [
    '',
    '// Entra compares issuer and subject byte for byte.',
    `resource repoServer '${TYPE}/federatedIdentityCredentials@${VERSION}' = {`,
    '  parent: argocd',
    `  name: ${text(credential.name)}`,
    '  properties: {',
    `    issuer: ${text(credential.issuer)}`,
    `    subject: ${text(credential.subject)}`,
    `    audiences: [${credential.audiences.map(text).join(', ')}]`,
    '  }',
    '}'
  ]
  return [
    '// The identity that Argo CD reads as. To take over what exists, deploy it to the resource group that has it:',
    '// az deployment group what-if shows that nothing changes.',
    '// Membership and permissions in Azure DevOps and the objects of the cluster are in export.sh and main.tf.',
    "targetScope = 'resourceGroup'",
    '',
    `resource argocd '${TYPE}@${VERSION}' = {`,
    `  name: ${text(identity.name)}`,
    `  location: ${identity.location === undefined ? 'resourceGroup().location' : text(identity.location)}`,
    '  tags: {',
    ...tags,
    '  }',
    '}',
    ...(trust ?? []),
    ...roles.flatMap((role, index) => roleOf(role, index + 1, identity)),
    '',
    'output clientId string = argocd.properties.clientId',
    'output principalId string = argocd.properties.principalId',
    ''
  ].join('\n')
}

/** API versions of Microsoft.ContainerRegistry and Microsoft.Authorization. */
const REGISTRY = 'Microsoft.ContainerRegistry/registries@2025-11-01'
const ASSIGNMENT = 'Microsoft.Authorization/roleAssignments@2022-04-01'

/** A deployment to a resource group reaches the registries of that group. */
function roleOf(
  { scope, role, name }: Exported['roles'][number],
  number: number,
  { subscriptionId, resourceGroup }: Exported['identity']
): string[] {
  const [, , subscription = '', , group = '', , , , registry = ''] = scope.split('/')
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
  if (!same(subscription, subscriptionId) || !same(group, resourceGroup))
    return ['', `// The role on a registry of another resource group is in export.sh and main.tf.`]
  return [
    '',
    `resource registry${number} '${REGISTRY}' existing = {`,
    `  name: ${text(registry)}`,
    '}',
    '',
    `resource pull${number} '${ASSIGNMENT}' = {`,
    `  scope: registry${number}`,
    `  name: ${text(name)}`,
    '  properties: {',
    `    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ${text(role.id)})`,
    '    principalId: argocd.properties.principalId',
    "    principalType: 'ServicePrincipal'",
    '  }',
    '}'
  ]
}

/** A string of Bicep: what begins an expression in it, and what ends it, is escaped. */
function text(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('${', '\\${')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`)
  return `'${escaped}'`
}
