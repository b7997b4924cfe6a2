/** What set-up makes, after everything is known or answered. */
import type { DesiredOrganization } from '../../config/desired.ts'
import type { RepositoryUrl } from '../../config/repository-url.ts'
import { guidOf } from '../../services/azure/role-assignments.ts'

interface Settings {
  /** Of the cluster. */
  readonly tenantId: string
  /** Of Argo CD's identity and the organizations, where it is another one: the pipeline has a second login there. */
  readonly identityTenantId: string | undefined
  readonly cluster: Place
  readonly repositories: readonly RepositoryUrl[]
  /** Of the repositories: both identities are members of each. */
  readonly organizations: readonly DesiredOrganization[]
  readonly access: 'project-readers' | 'repository'
  /** undefined: found by searching the cluster. */
  readonly argocdNamespace: string | undefined
  /** Argo CD's identity. */
  readonly identity: Place
  /** What the pipeline logs in as; of an application only the name is used. */
  readonly login: Place & { readonly kind: 'identity' | 'application' }
  /** Name of the custom role; undefined: made from the cluster and the login. */
  readonly roleName: string | undefined
  readonly pipeline: GitHubPipeline | AzurePipeline
  /** The pipeline administers the organization and makes Argo CD's identity and membership itself. */
  readonly selfService: boolean
  /** The workflow or pipeline file. */
  readonly file: WorkspaceFile
}
export type { Settings }

export interface Place {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly name: string
}

export interface WorkspaceFile {
  /** Absolute path of the checkout. */
  readonly root: string
  /** Relative to the checkout, with slashes. */
  readonly path: string
  /** A file that set-up did not write, or that was edited since, may be replaced. */
  readonly replace: boolean
}

export interface GitHubPipeline {
  readonly host: 'github'
  readonly owner: string
  readonly name: string
  readonly branch: string
  readonly environment: string | undefined
  readonly issuer: string
  /** Of the tokens of its jobs. */
  readonly subject: string
  /** Of Patless itself; undefined: its commit is not known, and the file names the tag. */
  readonly commit: string | undefined
}

export interface AzurePipeline {
  readonly host: 'azure-pipelines'
  /** Where the pipeline and its service connection are. */
  readonly organization: string
  readonly project: string
  readonly connection: string
  readonly branch: string
}

/**
 * What the pipeline has in the tenant of the identity, if that is another one: a login of the same name beside the
 * identity, with a role and a trust of its own.
 *
 * @returns undefined: everything is in one tenant
 */
export function inIdentityTenant(settings: Settings): Settings | undefined {
  const { identityTenantId: tenantId, identity, login, pipeline } = settings
  if (tenantId === undefined) return undefined
  const { subscriptionId, resourceGroup } = identity
  return {
    ...settings,
    tenantId,
    login: { ...login, subscriptionId, resourceGroup },
    pipeline:
      pipeline.host === 'github' ? pipeline : { ...pipeline, connection: `${pipeline.connection}-identities` }
  }
}

/** The mark on what has room for a description. */
export const MARK = 'Made by patless setup'

export function clusterId({ subscriptionId, resourceGroup, name }: Place): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`
}

export function identityId({ subscriptionId, resourceGroup, name }: Place): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
}

export function groupId({ subscriptionId, resourceGroup }: Place): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`
}

type RoleFacts = Pick<Settings, 'tenantId' | 'cluster' | 'login' | 'roleName'>

/** A custom role of one login for one cluster: the id is always the same, and the name is unique in the tenant. */
export function roleOf({ tenantId, cluster, login, roleName }: RoleFacts, what = 'role'): CustomRole {
  const holder = login.kind === 'identity' ? identityId(login) : `${tenantId}/applications/${login.name}`
  const id = guidOf(`patless setup ${what}`, clusterId(cluster).toLowerCase(), holder.toLowerCase())
  return { id, name: roleName ?? `Patless ${cluster.name} ${id.slice(0, 8)}` }
}

export interface CustomRole {
  /** A GUID. */
  readonly id: string
  readonly name: string
}

/** The role for Kubernetes' objects, where the cluster authorizes by Azure RBAC. */
export function kubernetesRoleOf(settings: RoleFacts): CustomRole {
  const { id, name } = roleOf(settings, 'role in the cluster')
  return { id, name: settings.roleName === undefined ? name : `${name} in Kubernetes` }
}

/** Why what belongs to the login stays when one of several pipelines that log in with it is removed. */
export function sharedLogin(credentials: readonly string[]): { readonly retain?: string } {
  return credentials.length === 0
    ? {}
    : { retain: `other pipelines log in with the same identity: ${credentials.join(', ')}` }
}
