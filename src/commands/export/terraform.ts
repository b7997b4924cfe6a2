/**
 * The resources as Terraform, with an import block for each that its provider can import. Providers and their fields:
 * hashicorp/azurerm 4, microsoft/azuredevops 1, hashicorp/kubernetes 2.
 */
import { CLIENT_ID, LABEL, TENANT_ID } from '../../argocd/identity.ts'
import { block, Expression, imported, resource, valueOf } from './hcl.ts'
import { manifestOf, type Exported, type ExportedArgocd, type ExportedOrganization } from './exported.ts'

const CLIENT = new Expression('azurerm_user_assigned_identity.argocd.client_id')

export function terraformOf(exported: Exported): string {
  const names = new Map(exported.organizations.map(({ name }, index) => [name, nameFor(name, index)]))
  return [
    HEADER,
    providersOf(exported, names),
    azureOf(exported),
    ...exported.roles.map(roleOf),
    ...exported.organizations.map((one) => devopsOf(one, names.get(one.name) ?? '')),
    exported.argocd ? workloadOf(exported.argocd) : '',
    ...exported.secrets.map(({ namespace, name, labels, data }, index) => {
      const address = `secret_${index + 1}`
      return [
        resource('kubernetes_secret_v1', address, { data }, [
          { block: 'metadata', fields: { name, namespace, labels } }
        ]),
        imported(`kubernetes_secret_v1.${address}`, `${namespace}/${name}`)
      ].join('\n')
    }),
    applicationOf(exported)
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

const HEADER = `# What Patless set up, for Terraform: terraform init && terraform plan shows what it would import and change.
# Log in with az, and set KUBE_CONFIG_PATH for the cluster. No secret is in this file, and none is needed.`

function providersOf(
  { identity: { subscriptionId, tenantId }, organizations }: Exported,
  names: ReadonlyMap<string, string>
): string {
  const required = {
    azurerm: { source: 'hashicorp/azurerm', version: '~> 4.0' },
    azuredevops: { source: 'microsoft/azuredevops', version: '~> 1.0' },
    kubernetes: { source: 'hashicorp/kubernetes', version: '~> 2.0' }
  }
  return [
    `terraform {\n  required_version = ">= 1.5"\n  required_providers {\n${Object.entries(required)
      .map(([name, value]) => `    ${name} = ${valueOf(value, '    ')}`)
      .join('\n')}\n  }\n}`,
    block('provider', ['azurerm'], { subscription_id: subscriptionId, tenant_id: tenantId }, [
      { block: 'features', fields: {} }
    ]),
    ...organizations.map(({ name }) =>
      block('provider', ['azuredevops'], {
        alias: names.get(name) ?? '',
        org_service_url: `https://dev.azure.com/${name}`
      })
    ),
    block('provider', ['kubernetes'], {})
  ].join('\n\n')
}

function azureOf({ identity, credential }: Exported): string {
  const { id, name, resourceGroup, location, tags } = identity
  const parts = [
    resource('azurerm_user_assigned_identity', 'argocd', {
      name,
      resource_group_name: resourceGroup,
      location: location ?? '',
      tags
    }),
    imported('azurerm_user_assigned_identity.argocd', id)
  ]
  if (!credential) return parts.join('\n\n')
  return [
    ...parts,
    resource('azurerm_federated_identity_credential', 'repo_server', {
      name: credential.name,
      resource_group_name: resourceGroup,
      parent_id: new Expression('azurerm_user_assigned_identity.argocd.id'),
      issuer: credential.issuer,
      subject: credential.subject,
      audience: credential.audiences
    }),
    imported(
      'azurerm_federated_identity_credential.repo_server',
      `${id}/federatedIdentityCredentials/${credential.name}`
    )
  ].join('\n\n')
}

function roleOf({ scope, role, name }: Exported['roles'][number], index: number): string {
  const address = `registry_${index + 1}`
  return [
    resource('azurerm_role_assignment', address, {
      scope,
      role_definition_name: role.name,
      principal_id: new Expression('azurerm_user_assigned_identity.argocd.principal_id')
    }),
    imported(
      `azurerm_role_assignment.${address}`,
      `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
    )
  ].join('\n\n')
}

function devopsOf({ name, entitlementId, places }: ExportedOrganization, alias: string): string {
  if (entitlementId === undefined) return ''
  const provider = new Expression(`azuredevops.${alias}`)
  const member = `azuredevops_service_principal_entitlement.${alias}`
  const principal = new Expression(`${member}.descriptor`)
  return [
    `# Azure DevOps organization ${plain(name)}: a member with Basic.`,
    resource('azuredevops_service_principal_entitlement', alias, {
      provider,
      origin: 'aad',
      origin_id: new Expression('azurerm_user_assigned_identity.argocd.principal_id'),
      account_license_type: 'express'
    }),
    imported(member, entitlementId, provider),
    places.length === 0
      ? ''
      : '# The provider cannot import what follows; applied again, it changes nothing that is there.',
    ...places.map((place, index) => {
      const address = `${alias}_${index + 1}`
      const { projectId: project_id } = place
      if (place.kind === 'readers')
        return [
          block('data', ['azuredevops_group', address], { provider, project_id, name: 'Readers' }),
          resource('azuredevops_group_membership', address, {
            provider,
            group: new Expression(`data.azuredevops_group.${address}.descriptor`),
            members: [principal],
            mode: 'add'
          })
        ].join('\n\n')
      const shared = { provider, project_id, principal, replace: false }
      if (place.kind === 'project')
        return resource('azuredevops_project_permissions', address, {
          ...shared,
          permissions: { GENERIC_READ: 'Allow' }
        })
      return resource('azuredevops_git_permissions', address, {
        ...shared,
        repository_id: place.secured.token.split('/').at(-1) ?? '',
        permissions: { GenericRead: 'Allow' }
      })
    })
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function workloadOf({ instance, clientId, tenantId, labelled }: ExportedArgocd): string {
  const { namespace, account, deployment, configuration } = instance
  const where =
    configuration === 'extension'
      ? 'in the settings of the AKS extension'
      : configuration === 'operator'
        ? 'in spec.repo of the ArgoCD resource'
        : 'in the values or manifests that Argo CD is installed from'
  return [
    `# The label ${LABEL}: "true" of the pods of ${plain(deployment)} is kept ${where}: Terraform cannot set the template of a`,
    `# Deployment that something else makes.${labelled ? '' : ' It is not there now.'}`,
    clientId === undefined
      ? ''
      : resource(
          'kubernetes_annotations',
          'repo_server',
          {
            api_version: 'v1',
            kind: 'ServiceAccount',
            annotations: {
              [CLIENT_ID]: CLIENT,
              ...(tenantId !== undefined && {
                [TENANT_ID]: new Expression('azurerm_user_assigned_identity.argocd.tenant_id')
              })
            },
            force: true
          },
          [{ block: 'metadata', fields: { name: account, namespace } }]
        )
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function applicationOf({ application }: Exported): string {
  if (!application) return ''
  const { name, namespace } = application
  return [
    resource('kubernetes_manifest', 'application', { manifest: manifestOf(application) }),
    imported(
      'kubernetes_manifest.application',
      `apiVersion=argoproj.io/v1alpha1,kind=Application,namespace=${namespace},name=${name}`
    )
  ].join('\n\n')
}

/** In a comment: names of Azure DevOps and Kubernetes have no other characters. */
function plain(name: string): string {
  return name.replaceAll(/[^\w .-]/g, '')
}

/** A name of HCL, of its own for each organization. */
function nameFor(organization: string, index: number): string {
  const name = organization.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
  return index === 0 ? `org_${name}` : `org_${name}_${index + 1}`
}
