/** What a live run is given: by the environment, and nothing by guessing. `docs/live.md` describes each variable. */
import { fileURLToPath } from 'node:url'

export interface Settings {
  readonly subscriptionId: string
  /** Resource id. */
  readonly cluster: string
  readonly resourceGroup: string
  readonly repositoryUrl: string
  readonly organization: string
  readonly project: string
  readonly repository: string
  readonly identity: string
  readonly namespace: string
  /** Seconds, of each run. */
  readonly timeout: string
  /** For the recordings. */
  readonly folder: string
  /** What costs more or cannot be undone is done only where it is given. */
  readonly optional: {
    readonly configureCluster: string | undefined
    readonly extensionCluster: string | undefined
    readonly publicOrganization: string | undefined
    readonly personalOrganization: string | undefined
  }
  readonly endpoints: { readonly authority: string; readonly arm: string; readonly devops: string }
  /** What the bundle gets of the environment: the way to the services and the login. */
  readonly environment: Readonly<Record<string, string>>
  readonly inputs: Readonly<Record<string, string>>
  /** Of this run; they are replaced in every recording. */
  readonly names: Readonly<Record<string, string | undefined>>
}

/** Why a live run does not start. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted'
}

const CLUSTER_ID =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourcegroups\/([^/]+)\/providers\/microsoft\.containerservice\/managedclusters\/([^/]+)$/i

/**
 * @throws {NotStarted} for what is missing, and for a subscription that PATLESS_LIVE does not name
 */
export function settingsOf(environment: NodeJS.ProcessEnv): Settings {
  const given = (name: string): string | undefined => {
    const value = environment[name]?.trim() ?? ''
    return value === '' ? undefined : value
  }
  const subscriptionId = given('PATLESS_LIVE')
  if (subscriptionId === undefined)
    throw new NotStarted(
      'This suite creates and deletes things in a real subscription and organization. Say in which: PATLESS_LIVE=<subscription-id> (docs/live.md).'
    )
  const required = (name: string): string => {
    const value = given(name)
    if (value === undefined) throw new NotStarted(`${name} is not set (docs/live.md).`)
    return value
  }
  const clusterId = (name: string, id: string): readonly [string, string, string] => {
    const [, subscription = '', group = '', cluster = ''] = CLUSTER_ID.exec(id) ?? []
    if (cluster === '') throw new NotStarted(`${name} is not the resource id of an AKS cluster.`)
    if (subscription.toLowerCase() !== subscriptionId.toLowerCase())
      throw new NotStarted(
        `${name} is in subscription ${subscription}, but PATLESS_LIVE allows ${subscriptionId}.`
      )
    return [subscription, group, cluster]
  }
  const cluster = required('PATLESS_LIVE_CLUSTER')
  const [, resourceGroup, clusterName] = clusterId('PATLESS_LIVE_CLUSTER', cluster)
  const configureCluster = given('PATLESS_LIVE_CONFIGURE_CLUSTER')
  if (configureCluster !== undefined) clusterId('PATLESS_LIVE_CONFIGURE_CLUSTER', configureCluster)
  const extensionCluster = given('PATLESS_LIVE_EXTENSION_CLUSTER')
  if (extensionCluster !== undefined) clusterId('PATLESS_LIVE_EXTENSION_CLUSTER', extensionCluster)
  const selected = given('AZURE_SUBSCRIPTION_ID')
  if (selected !== undefined && selected.toLowerCase() !== subscriptionId.toLowerCase())
    throw new NotStarted(`AZURE_SUBSCRIPTION_ID is ${selected}, but PATLESS_LIVE allows ${subscriptionId}.`)
  const repositoryUrl = required('PATLESS_LIVE_REPOSITORY')
  const [organization, project, repository] = repositoryOf(repositoryUrl)
  const identity = given('PATLESS_LIVE_IDENTITY') ?? 'id-patless-live'
  const namespace = given('PATLESS_LIVE_NAMESPACE') ?? 'argocd'
  const clientId = given('PATLESS_LIVE_CLIENT_ID')
  const tenantId = given('PATLESS_LIVE_TENANT_ID')
  const timeout = given('PATLESS_LIVE_TIMEOUT') ?? '900'
  const publicOrganization = given('PATLESS_LIVE_PUBLIC_ORGANIZATION')
  const personalOrganization = given('PATLESS_LIVE_PERSONAL_ORGANIZATION')
  return {
    subscriptionId,
    cluster,
    resourceGroup,
    repositoryUrl,
    organization,
    project,
    repository,
    identity,
    namespace,
    timeout,
    folder: given('PATLESS_LIVE_FOLDER') ?? fileURLToPath(new URL('.', import.meta.url)),
    optional: { configureCluster, extensionCluster, publicOrganization, personalOrganization },
    endpoints: {
      authority: given('AZURE_AUTHORITY_HOST') ?? 'https://login.microsoftonline.com',
      arm: given('AZURE_RESOURCE_MANAGER_URL') ?? 'https://management.azure.com',
      devops: given('AZURE_DEVOPS_URL') ?? 'https://dev.azure.com'
    },
    environment: passedOn(environment),
    inputs: {
      cluster,
      'repository-url': repositoryUrl,
      'identity-name': identity,
      'identity-resource-group': resourceGroup,
      'argocd-namespace': namespace,
      'verification-timeout': timeout,
      ...(clientId === undefined ? {} : { 'client-id': clientId }),
      ...(tenantId === undefined ? {} : { 'tenant-id': tenantId })
    },
    names: {
      subscription: subscriptionId,
      'resource-group': resourceGroup,
      cluster: clusterName,
      organization,
      project,
      repository,
      identity,
      application: clientId,
      tenant: tenantId,
      'configured-cluster': configureCluster?.split('/').at(-1),
      'extension-cluster': extensionCluster?.split('/').at(-1),
      'public-organization': publicOrganization,
      'personal-organization': personalOrganization
    }
  }
}

/** The bundle gets what a job has, and no variable of the shell beside it. */
function passedOn(environment: NodeJS.ProcessEnv): Record<string, string> {
  const named = /^(?:AZURE_\w+|ACTIONS_ID_TOKEN_\w+|(?:IDENTITY|MSI|IMDS)_\w+|USERPROFILE|SYSTEMROOT)$/i
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && named.test(name) ? [[name, value] as const] : []
    )
  )
}

function repositoryOf(text: string): readonly [string, string, string] {
  const [, organization = '', project = '', repository = ''] =
    /^\/([^/]+)\/([^/]+)\/_git\/([^/]+)$/.exec(URL.parse(text)?.pathname ?? '') ?? []
  if (repository === '')
    throw new NotStarted(
      'PATLESS_LIVE_REPOSITORY is not https://dev.azure.com/<organization>/<project>/_git/<repository>.'
    )
  return [decodeURIComponent(organization), decodeURIComponent(project), decodeURIComponent(repository)]
}
