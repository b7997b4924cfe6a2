/** What set-up makes, after everything is known or answered. */
import type { RepositoryUrl } from '../../config/repository-url.ts'
import { guidOf } from '../../services/azure/role-assignments.ts'

interface Settings {
  readonly tenantId: string
  readonly cluster: Place
  readonly repositories: readonly RepositoryUrl[]
  readonly organization: string
  readonly access: 'project-readers' | 'repository'
  /** undefined: found by searching the cluster. */
  readonly argocdNamespace: string | undefined
  /** Argo CD's identity. */
  readonly identity: Place
  /** The identity that the pipeline logs in as. */
  readonly login: Place
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
  readonly project: string
  readonly connection: string
  readonly branch: string
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

/** The custom role of one login for one cluster: the id is always the same, and the name is unique in the tenant. */
export function roleOf({ cluster, login }: Pick<Settings, 'cluster' | 'login'>): {
  readonly id: string
  readonly name: string
} {
  const id = guidOf('patless setup role', clusterId(cluster).toLowerCase(), identityId(login).toLowerCase())
  return { id, name: `Patless ${cluster.name} ${id.slice(0, 8)}` }
}

/** Why what belongs to the login stays when one of several pipelines that log in with it is removed. */
export function sharedLogin(credentials: readonly string[]): { readonly retain?: string } {
  return credentials.length === 0
    ? {}
    : { retain: `other pipelines log in with the same identity: ${credentials.join(', ')}` }
}
