/** The inputs' values → Desired, with everything derived that needs no request; contradictions between inputs are faults. */
import { readSmallFile, UnusableFile } from '../core/small-file.ts'
import { credentialsIn, withoutCredentials } from '../core/text.ts'
import { InvalidInputs, readInputs, type Fault, type InputFault, type Values } from './inputs.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl, type RepositoryUrl } from './repository-url.ts'
import { GUID, RESOURCE_GROUP, type InputName, type Place } from './table.ts'

/** What the user asked for, with everything derived that needs no request. */
export interface Desired {
  readonly mode: Values['mode']
  readonly dryRun: boolean
  readonly failOnDrift: boolean
  readonly cluster: DesiredCluster
  readonly identity: DesiredIdentity
  readonly organization: string
  readonly repositories: readonly RepositoryUrl[]
  readonly access: Values['access']
  readonly argocdNamespace?: string
  /** Name of the Argo CD project that is connected; `*`: all. */
  readonly argocdProject?: string
  readonly configuration: Values['argocd-configuration']
  /** The kind of Secret that connects Argo CD. */
  readonly connection: 'repository' | 'repo-creds'
  readonly application?: DesiredApplication
  readonly verification: Values['verification']
  /** ms */
  readonly verificationTimeout: number
  readonly login: { readonly clientId?: string; readonly tenantId?: string }
  readonly cloud: Values['cloud']
  /** What was derived from what, for the log. */
  readonly derived: readonly string[]
}

/** An AKS cluster, read from ARM; or any other, which its issuer and a kubeconfig say all about. */
export type DesiredCluster = AksCluster | OidcCluster

export interface AksCluster {
  readonly kind: 'aks'
  readonly name: string
  readonly resourceGroup?: string
  readonly subscriptionId?: string
  /** Enable what is missing on the cluster. */
  readonly configure: boolean
  /** Content of a kubeconfig; absent: the AKS user credential. */
  readonly kubeconfig?: string
}

export interface OidcCluster {
  readonly kind: 'oidc'
  readonly name: string
  /** Byte for byte as in the tokens' `iss`. */
  readonly issuerUrl: string
  /** Content of a kubeconfig. */
  readonly kubeconfig: string
  /** Where the identity goes: the cluster itself has no place in Azure. */
  readonly place: AzurePlace
}

export interface AzurePlace {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly location: string
}

/** What is absent is that of the cluster. */
export interface DesiredIdentity {
  readonly name: string
  readonly resourceGroup?: string
  readonly location?: string
}

export interface DesiredApplication {
  readonly name: string
  readonly path: string
  readonly revision: string | undefined
  /** Namespace that it deploys to. */
  readonly destination: string
}

const CLUSTER_ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]+)\/?$/i
const CLUSTER_NAME = /^[a-z0-9](?:[\w-]{0,61}[a-z0-9])?$/i

export interface At {
  readonly place?: Place
  /** The subscription that the login is for: with it alone the login may have no rights elsewhere. */
  readonly connectedSubscription?: string | undefined
}

/**
 * @param given raw text by input name, as the host had it; empty text counts as absent, as on GitHub.
 * @param environment for AZURE_SUBSCRIPTION_ID and AZURE_DEVOPS_URL.
 * @param before what was wrong with the way they were given: it is listed with the rest.
 * @param at where they were given.
 * @throws {InvalidInputs} with every fault.
 */
export function parseInputs(
  given: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
  before: readonly InputFault[] = [],
  at: At = {}
): Desired {
  const faults = [...before]
  const derived: string[] = []
  const fault: Fault = (input, problem, remedy) => {
    if (before.every((one) => one.input !== input))
      faults.push({ input, problem: withoutCredentials(problem), remedy })
  }
  const { values, refused } = readInputs(given, fault, at.place)
  const isAbsent = (name: InputName): boolean => values[name] === undefined && !refused.has(name)

  const named = namedCluster(values, fault)
  const resourceGroup = agreed('resource-group', values['resource-group'], named?.resourceGroup, fault)
  const fromInputs = agreed('subscription-id', values['subscription-id'], named?.subscriptionId, fault)
  const connected = GUID.test(at.connectedSubscription ?? '') ? at.connectedSubscription : undefined
  refuseOtherSubscription(connected, fromInputs, named?.subscriptionId, fault)
  const ambient = fromInputs === undefined ? (connected ?? ambientSubscription(environment)) : undefined
  const subscriptionId = fromInputs ?? ambient
  if (ambient !== undefined) {
    const from = connected === undefined ? 'AZURE_SUBSCRIPTION_ID' : 'the service connection'
    derived.push(`subscription-id ${ambient} (from ${from})`)
  }

  const repositories = repositoriesOf(values['repository-url'], environment['AZURE_DEVOPS_URL'], fault)
  agree('devops-organization', values['devops-organization'], repositories, 'organization', fault)
  agree('devops-project', values['devops-project'], repositories, 'project', fault)
  const [first] = repositories
  if (first) {
    derived.push(`organization ${first.organization}, project ${first.project} (from repository-url)`)
    refuseSecondOrganization(first, repositories, fault)
  }

  let identityName = values['identity-name']
  if (isAbsent('identity-name') && named) {
    identityName = `id-argocd-${named.name}`
    derived.push(`identity-name ${identityName} (from the cluster's name)`)
  }
  const location = values.location?.replaceAll(' ', '').toLowerCase()
  const kubeconfig = contentOf(values.kubeconfig, fault)
  const { 'oidc-issuer-url': issuerUrl, 'identity-resource-group': identityGroup } = values
  const placed = { subscriptionId, resourceGroup: identityGroup, location }
  if (issuerUrl !== undefined) refuseUnplaced({ ...placed, kubeconfig: values.kubeconfig }, isAbsent, fault)
  if (values['argocd-configuration'] === 'extension' && issuerUrl !== undefined)
    fault('argocd-configuration', 'Only AKS clusters have extensions.', 'Choose auto or manifests.')

  if (values.cloud !== 'public') fault('cloud', ...otherCloud(values.cloud))

  const project = values['argocd-project'] ?? '*'
  if (values.connection === 'template' && project !== '*')
    fault(
      'argocd-project',
      "Argo CD's credential templates know no projects.",
      "Choose connection: repository, or argocd-project: '*'."
    )
  const { 'client-id': clientId, 'tenant-id': tenantId } = values
  if (clientId !== undefined && isAbsent('tenant-id'))
    fault('tenant-id', 'client-id is given without it.', 'Give both, or neither to use the az login.')
  const application = applicationOf(values, isAbsent('application-name'), fault)

  const cluster = (): DesiredCluster | undefined => {
    if (!named) return undefined
    if (issuerUrl !== undefined) {
      if (kubeconfig === undefined || !isPlaced(placed)) return undefined
      return { kind: 'oidc', name: named.name, issuerUrl, kubeconfig, place: placed }
    }
    return {
      kind: 'aks',
      name: named.name,
      configure: values['configure-cluster'],
      ...present({ resourceGroup, subscriptionId, kubeconfig })
    }
  }
  const wanted = cluster()
  if (faults.length > 0 || !wanted || identityName === undefined || !first) {
    const lines = [...given.values()].flatMap((value) => value.split('\n'))
    throw new InvalidInputs(faults, lines.flatMap(credentialsIn))
  }
  return {
    mode: values.mode,
    dryRun: values['dry-run'],
    failOnDrift: values['fail-on-drift'],
    cluster: wanted,
    identity: { name: identityName, ...present({ resourceGroup: identityGroup, location }) },
    organization: first.organization,
    repositories,
    access: values.access,
    configuration: values['argocd-configuration'],
    connection: values.connection === 'template' ? 'repo-creds' : 'repository',
    verification: values.verification,
    verificationTimeout: values['verification-timeout'],
    login: present({ clientId, tenantId }),
    cloud: values.cloud,
    ...present({
      application,
      argocdNamespace: values['argocd-namespace'],
      argocdProject: values['argocd-project']
    }),
    derived
  }
}

/** The properties that have a value: an absent one is absent, not undefined. */
function present<T extends object>(all: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/** What is wrong with it, and the way out: the cluster may be anywhere, the identity may not. */
function otherCloud(cloud: string): readonly [string, string] {
  return [
    `Azure DevOps takes tokens of the public cloud only: an identity in ${cloud} reads nothing.`,
    'Leave it out and put the identity into the public cloud; give the cluster by oidc-issuer-url and kubeconfig, and set AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/ on the container of its repo-server.'
  ]
}

function isPlaced(place: { [K in keyof AzurePlace]: string | undefined }): place is AzurePlace {
  return Object.values(place).every((value) => value !== undefined)
}

function refuseUnplaced(
  known: { [K in keyof AzurePlace | 'kubeconfig']: string | undefined },
  isAbsent: (name: InputName) => boolean,
  fault: Fault
): void {
  const needed = [
    ['kubeconfig', known.kubeconfig],
    ['subscription-id', known.subscriptionId],
    ['identity-resource-group', known.resourceGroup],
    ['location', known.location]
  ] as const
  // What was given and refused has its fault already.
  for (const [name] of needed.filter(([name, value]) => value === undefined && isAbsent(name)))
    fault(name, 'A cluster given by oidc-issuer-url has nothing to derive it from.', `Give ${name}.`)
}

function refuseOtherSubscription(
  connected: string | undefined,
  wanted: string | undefined,
  fromId: string | undefined,
  fault: Fault
): void {
  if (connected === undefined || wanted === undefined) return
  if (connected.toLowerCase() === wanted.toLowerCase()) return
  fault(
    fromId === undefined ? 'subscription-id' : 'cluster',
    `It names the subscription ${wanted}, but the service connection is for ${connected}.`,
    `Give the service connection of ${wanted} in azure-subscription, or correct it.`
  )
}

function ambientSubscription(environment: NodeJS.ProcessEnv): string | undefined {
  const value = environment['AZURE_SUBSCRIPTION_ID']?.trim() ?? ''
  return GUID.test(value) ? value : undefined
}

/** A part of the cluster's id that is also an input of its own: both say the same, or it is a fault. */
function agreed(
  input: 'resource-group' | 'subscription-id',
  value: string | undefined,
  fromId: string | undefined,
  fault: Fault
): string | undefined {
  if (value !== undefined && fromId !== undefined && value.toLowerCase() !== fromId.toLowerCase()) {
    const what = input === 'resource-group' ? 'resource group' : 'subscription'
    fault(input, `It differs from the ${what} in the cluster id.`, 'Leave it out.')
  }
  return value ?? fromId
}

function namedCluster(
  { cluster: text, 'oidc-issuer-url': issuerUrl }: Values,
  fault: Fault
): { name: string; resourceGroup?: string; subscriptionId?: string } | undefined {
  // That it is missing is a fault already.
  if (text === '') return undefined
  if (!text.includes('/')) {
    if (CLUSTER_NAME.test(text)) return { name: text }
    const remedy = 'Give the name or the resource id of the AKS cluster.'
    fault('cluster', `"${text}" is not a name AKS allows.`, remedy)
    return undefined
  }
  const [, subscriptionId = '', resourceGroup = '', name = ''] = CLUSTER_ID.exec(text) ?? []
  const isId =
    issuerUrl === undefined &&
    GUID.test(subscriptionId) &&
    RESOURCE_GROUP.test(resourceGroup) &&
    CLUSTER_NAME.test(name)
  if (isId) return { name, resourceGroup, subscriptionId }
  fault(
    'cluster',
    'This is not the resource id of an AKS cluster.',
    'Expected /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.ContainerService/managedClusters/<name>.'
  )
  return undefined
}

/** Each is read, verified and connected one by one: more would take longer than a run may. */
const MOST_REPOSITORIES = 500

function repositoriesOf(
  lines: readonly string[],
  devopsUrl: string | undefined,
  fault: Fault
): RepositoryUrl[] {
  if (lines.length > MOST_REPOSITORIES) {
    fault(
      'repository-url',
      `It has ${lines.length} lines; one run takes ${MOST_REPOSITORIES}.`,
      'Use several steps, or connection: template, which needs one URL of each project.'
    )
    return []
  }
  const origin = devopsUrl === undefined ? undefined : URL.parse(devopsUrl)?.origin
  const found: RepositoryUrl[] = []
  for (const line of lines) {
    try {
      const repository = parseRepositoryUrl(line, origin)
      if (!found.some(({ url }) => url === repository.url)) found.push(repository)
    } catch (error) {
      if (!(error instanceof InvalidRepositoryUrl)) throw error
      fault('repository-url', error.problem, error.remedy)
    }
  }
  return found
}

function refuseSecondOrganization(
  first: RepositoryUrl,
  repositories: readonly RepositoryUrl[],
  fault: Fault
): void {
  const other = repositories.find(
    ({ organization }) => organization.toLowerCase() !== first.organization.toLowerCase()
  )
  if (!other) return
  fault(
    'repository-url',
    `The URLs name two organizations, ${first.organization} and ${other.organization}.`,
    'Use one step per organization: an identity is a licensed member of each.'
  )
}

function agree(
  input: InputName,
  value: string | undefined,
  repositories: readonly RepositoryUrl[],
  part: 'organization' | 'project',
  fault: Fault
): void {
  const other = repositories.find((repository) => repository[part].toLowerCase() !== value?.toLowerCase())
  if (value === undefined || !other) return
  fault(
    input,
    `It says "${value}", but repository-url says "${other[part]}".`,
    'Leave it out, or correct the URL.'
  )
}

function applicationOf(values: Values, unnamed: boolean, fault: Fault): DesiredApplication | undefined {
  const {
    'application-name': name,
    'application-path': path,
    'application-revision': revision,
    'application-namespace': destination
  } = values
  if (path.startsWith('/') || path.split('/').includes('..'))
    fault(
      'application-path',
      `"${path}" leads out of the repository.`,
      'Write it from the root of the repository, e.g. deploy.'
    )
  if (unnamed && revision !== undefined)
    fault(
      'application-name',
      'application-revision is given without it.',
      'Give the name of the Application.'
    )
  return name === undefined ? undefined : { name, path, revision, destination }
}

function contentOf(path: string | undefined, fault: Fault): string | undefined {
  if (path === undefined) return undefined
  const remedy = 'Give the path of a kubeconfig file.'
  if (path.includes('\n')) {
    // Not shown: a kubeconfig may hold a token.
    fault('kubeconfig', 'It is not a path, but a text of several lines.', remedy)
    return undefined
  }
  try {
    return readSmallFile(path)
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error
    fault('kubeconfig', `The file ${path} ${error.message}.`, remedy)
    return undefined
  }
}
