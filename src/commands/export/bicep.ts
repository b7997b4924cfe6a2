/** The resources of Azure as Bicep. Azure DevOps and the cluster have no types in Bicep: the script has these. */
import type { Exported } from './exported.ts'

/** API versions of Microsoft.ManagedIdentity (learn.microsoft.com/azure/templates/microsoft.managedidentity). */
const VERSION = '2024-11-30'
const TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities'

export function bicepOf({ identity, credential }: Exported): string {
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
    '',
    'output clientId string = argocd.properties.clientId',
    'output principalId string = argocd.properties.principalId',
    ''
  ].join('\n')
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
