/** Text → Desired. Total: every fault of every input is found before the first request, and listed at once. */
import { readFileSync } from 'node:fs'
import { Problem, type ProblemFacts } from '../core/problem.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl, type RepositoryUrl } from './repository-url.ts'
import { INPUTS, inputsFor, type InputName } from './table.ts'

/** What the user asked for, with everything derived that needs no request. */
export interface Desired {
  readonly mode: 'apply' | 'check' | 'remove'
  readonly dryRun: boolean
  readonly failOnDrift: boolean
  readonly cluster: DesiredCluster
  /** Content of a kubeconfig; absent: the AKS user credential. */
  readonly kubeconfig?: string
  readonly identity: { readonly name: string; readonly resourceGroup?: string; readonly location?: string }
  readonly organization: string
  readonly repositories: readonly RepositoryUrl[]
  readonly access: 'project-readers' | 'repository'
  readonly argocdNamespace?: string
  /** Name of the Argo CD project that is connected; `*`: all. */
  readonly argocdProject?: string
  readonly configuration: 'auto' | 'manifests' | 'extension'
  /** The kind of Secret that connects Argo CD. */
  readonly connection: 'repository' | 'repo-creds'
  readonly application?: DesiredApplication
  readonly verification: 'argocd' | 'access' | 'none'
  /** ms */
  readonly verificationTimeout: number
  readonly login: { readonly clientId?: string; readonly tenantId?: string }
  readonly cloud: 'public' | 'usgovernment' | 'china'
  /** What was derived from what, for the log. */
  readonly derived: readonly string[]
}

export interface DesiredCluster {
  readonly name: string
  readonly resourceGroup?: string
  readonly subscriptionId?: string
  /** Enable what is missing on the cluster. */
  readonly configure: boolean
  /** Given: the cluster is not AKS and nothing of it is read from ARM. */
  readonly issuerUrl?: string
}

export interface DesiredApplication {
  readonly name: string
  readonly path: string
  readonly revision: string | undefined
  /** Namespace that it deploys to. */
  readonly destination: string
}

export interface InputFault {
  readonly input: string
  readonly problem: string
  readonly remedy: string
}

/** All that is wrong with the inputs. */
export class InvalidInputs extends Problem {
  override readonly name = 'InvalidInputs'
  readonly faults: readonly InputFault[]
  constructor(faults: readonly InputFault[]) {
    const lines = faults.map(({ input, problem, remedy }) => `  ${input}: ${problem} ${remedy}`)
    const facts: ProblemFacts = {
      what: `${faults.length === 1 ? 'One input is' : `${faults.length} inputs are`} not usable; nothing was read or written.\n${lines.join('\n')}`,
      remedy: 'correct the inputs named above'
    }
    super(facts)
    this.faults = faults
  }
}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const CLUSTER_ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]+)\/?$/i
const CLUSTER_NAME = /^[a-z0-9](?:[\w-]{0,61}[a-z0-9])?$/i
/** Microsoft.ManagedIdentity: 3 to 128 letters, digits, - and _, the first a letter or digit. */
const IDENTITY_NAME = /^[a-z0-9][\w-]{2,127}$/i
const RESOURCE_GROUP = /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * @param given raw text by input name, as the host had it; empty text counts as absent, as on GitHub.
 * @param environment for AZURE_SUBSCRIPTION_ID and AZURE_DEVOPS_URL.
 * @throws {InvalidInputs} with every fault.
 */
export function parseInputs(given: ReadonlyMap<string, string>, environment: NodeJS.ProcessEnv): Desired {
  const faults: InputFault[] = []
  const derived: string[] = []
  const fault = (input: string, problem: string, remedy: string): void => {
    faults.push({ input, problem, remedy })
  }
  refuseUnknown(given, fault)

  const text = (name: InputName): string | undefined => {
    const row = INPUTS.find((input) => input.name === name)
    const value = given.get(name)?.trim() ?? ''
    if (value !== '') return value
    return row && 'default' in row ? row.default : undefined
  }
  const matching = (name: InputName, pattern: RegExp, form: string): string | undefined => {
    const value = text(name)
    if (value !== undefined && !pattern.test(value)) {
      fault(name, `"${value}" is not ${form}.`, 'Correct it, or leave it out to have it derived.')
      return undefined
    }
    return value
  }
  const flag = (name: InputName): boolean => {
    const value = text(name)?.toLowerCase()
    if (value !== 'true' && value !== 'false')
      fault(name, `"${value ?? ''}" is not a boolean.`, 'Write true or false.')
    return value === 'true'
  }
  const choice = <T extends string>(name: InputName, choices: readonly T[]): T => {
    const value = text(name)
    const found = choices.find((one) => one === value)
    if (found === undefined)
      fault(name, `"${value ?? ''}" is not known.`, `Choose one of ${choices.join(', ')}.`)
    return found ?? (choices[0] as T)
  }

  const issuerUrl = issuerOf(text('oidc-issuer-url'), fault)
  const cluster = clusterOf(text('cluster'), issuerUrl !== undefined, fault)
  const resourceGroup =
    matching('resource-group', RESOURCE_GROUP, 'a resource group name') ?? cluster?.resourceGroup
  if (
    cluster?.resourceGroup !== undefined &&
    resourceGroup?.toLowerCase() !== cluster.resourceGroup.toLowerCase()
  ) {
    fault('resource-group', 'It differs from the resource group in the cluster id.', 'Leave it out.')
  }
  const givenSubscription = matching('subscription-id', GUID, 'a subscription id (a GUID)')
  if (
    givenSubscription !== undefined &&
    cluster?.subscriptionId !== undefined &&
    givenSubscription.toLowerCase() !== cluster.subscriptionId.toLowerCase()
  ) {
    fault('subscription-id', 'It differs from the subscription in the cluster id.', 'Leave it out.')
  }
  const ambient = environment['AZURE_SUBSCRIPTION_ID']?.trim()
  const subscriptionId =
    givenSubscription ??
    cluster?.subscriptionId ??
    (ambient !== undefined && GUID.test(ambient) ? ambient : undefined)
  if (subscriptionId !== undefined && subscriptionId === ambient && givenSubscription === undefined) {
    derived.push(`subscription-id ${subscriptionId} (from AZURE_SUBSCRIPTION_ID)`)
  }

  const repositories = repositoriesOf(text('repository-url'), environment['AZURE_DEVOPS_URL'], fault)
  agree('devops-organization', text('devops-organization'), repositories, 'organization', fault)
  agree('devops-project', text('devops-project'), repositories, 'project', fault)
  const [first] = repositories
  if (first) {
    derived.push(`organization ${first.organization}, project ${first.project} (from repository-url)`)
    const other = repositories.find(
      ({ organization }) => organization.toLowerCase() !== first.organization.toLowerCase()
    )
    if (other) {
      fault(
        'repository-url',
        `The URLs name two organizations, ${first.organization} and ${other.organization}.`,
        'Use one step per organization: an identity is a licensed member of each.'
      )
    }
  }

  let identityName = matching('identity-name', IDENTITY_NAME, 'a name Azure allows for a managed identity')
  if (identityName === undefined && text('identity-name') === undefined && cluster) {
    identityName = `id-argocd-${cluster.name}`
    derived.push(`identity-name ${identityName} (from the cluster's name)`)
  }
  const identityResourceGroup = matching('identity-resource-group', RESOURCE_GROUP, 'a resource group name')
  const location = text('location')?.replaceAll(' ', '').toLowerCase()
  if (location !== undefined && !/^[a-z0-9]+$/.test(location)) {
    fault(
      'location',
      `"${location}" is not an Azure region.`,
      'Write it as in `az account list-locations`, e.g. westeurope.'
    )
  }
  if (issuerUrl !== undefined) {
    const missing = (
      [
        ['kubeconfig', text('kubeconfig')],
        ['subscription-id', subscriptionId],
        ['identity-resource-group', identityResourceGroup],
        ['location', location]
      ] as const
    ).filter(([, value]) => value === undefined)
    for (const [name] of missing) {
      fault(name, 'A cluster given by oidc-issuer-url has nothing to derive it from.', `Give ${name}.`)
    }
  }

  const seconds = Number(text('verification-timeout'))
  if (!Number.isFinite(seconds) || seconds < 1 || seconds > 3600) {
    fault(
      'verification-timeout',
      `"${text('verification-timeout') ?? ''}" is not 1 to 3600 seconds.`,
      'Write e.g. 300.'
    )
  }
  const clientId = matching('client-id', GUID, 'an application id (a GUID)')
  const tenantId = matching('tenant-id', GUID, 'a tenant id (a GUID)')
  if (clientId !== undefined && tenantId === undefined && text('tenant-id') === undefined) {
    fault('tenant-id', 'client-id is given without it.', 'Give both, or neither to use the az login.')
  }
  const kubeconfig = contentOf(text('kubeconfig'), fault)
  const argocdNamespace = matching('argocd-namespace', NAMESPACE, 'a Kubernetes namespace name')
  const desired = {
    mode: choice('mode', ['apply', 'check', 'remove']),
    dryRun: flag('dry-run'),
    failOnDrift: flag('fail-on-drift'),
    access: choice('access', ['project-readers', 'repository']),
    configuration: choice('argocd-configuration', ['auto', 'manifests', 'extension']),
    verification: choice('verification', ['argocd', 'access', 'none']),
    cloud: choice('cloud', ['public', 'usgovernment', 'china'])
  } as const
  const kind = choice('connection', ['repository', 'template'])
  const argocdProject = matching('argocd-project', PROJECT, "the name of an Argo CD project, or '*'")
  if (kind === 'template' && argocdProject !== undefined && argocdProject !== '*')
    fault(
      'argocd-project',
      "Argo CD's credential templates know no projects.",
      "Choose connection: repository, or argocd-project: '*'."
    )
  const application = applicationOf(matching, text, fault)
  if (desired.configuration === 'extension' && issuerUrl !== undefined)
    fault('argocd-configuration', 'Only AKS clusters have extensions.', 'Choose auto or manifests.')
  const configure = flag('configure-cluster')
  if (faults.length > 0 || !cluster || identityName === undefined || !first) throw new InvalidInputs(faults)
  return {
    ...desired,
    cluster: {
      name: cluster.name,
      configure,
      ...(resourceGroup === undefined ? {} : { resourceGroup }),
      ...(subscriptionId === undefined ? {} : { subscriptionId }),
      ...(issuerUrl === undefined ? {} : { issuerUrl })
    },
    identity: {
      name: identityName,
      ...(identityResourceGroup === undefined ? {} : { resourceGroup: identityResourceGroup }),
      ...(location === undefined ? {} : { location })
    },
    organization: first.organization,
    connection: kind === 'template' ? 'repo-creds' : 'repository',
    ...(application === undefined ? {} : { application }),
    repositories,
    verificationTimeout: seconds * 1000,
    login: {
      ...(clientId === undefined ? {} : { clientId }),
      ...(tenantId === undefined ? {} : { tenantId })
    },
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(argocdNamespace === undefined ? {} : { argocdNamespace }),
    ...(argocdProject === undefined ? {} : { argocdProject }),
    derived
  }
}

const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/

const PROJECT = /^(?:\*|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)$/

function applicationOf(
  matching: (name: InputName, pattern: RegExp, form: string) => string | undefined,
  text: (name: InputName) => string | undefined,
  fault: Fault
): DesiredApplication | undefined {
  const name = matching('application-name', OBJECT_NAME, 'a name Kubernetes allows')
  const destination = matching('application-namespace', NAMESPACE, 'a Kubernetes namespace name')
  const path = text('application-path') ?? '.'
  const revision = text('application-revision')
  if (path.startsWith('/') || path.split('/').includes('..'))
    fault(
      'application-path',
      `"${path}" leads out of the repository.`,
      'Write it from the root of the repository, e.g. deploy.'
    )
  if (name === undefined && revision !== undefined && text('application-name') === undefined)
    fault(
      'application-name',
      'application-revision is given without it.',
      'Give the name of the Application.'
    )
  return name === undefined || destination === undefined ? undefined : { name, path, revision, destination }
}

type Fault = (input: string, problem: string, remedy: string) => void

function refuseUnknown(given: ReadonlyMap<string, string>, fault: Fault): void {
  // A service connection is the host's own affair, and never comes here where there is one.
  const names: readonly string[] = inputsFor('elsewhere').map((input) => input.name)
  for (const name of given.keys()) {
    if (names.includes(name)) continue
    const plain = (text: string): string => text.replaceAll(/[^a-z]/g, '')
    const near = names.find(
      (known) => plain(known).includes(plain(name)) || plain(name).includes(plain(known))
    )
    fault(
      name,
      'There is no such input.',
      near === undefined ? `Known: ${names.join(', ')}.` : `Did you mean ${near}?`
    )
  }
}

function clusterOf(
  text: string | undefined,
  foreign: boolean,
  fault: Fault
): { name: string; resourceGroup?: string; subscriptionId?: string } | undefined {
  if (text === undefined) {
    fault('cluster', 'It is required.', 'Give the name or the resource id of the AKS cluster.')
    return undefined
  }
  if (!text.includes('/')) {
    if (CLUSTER_NAME.test(text)) return { name: text }
    fault(
      'cluster',
      `"${text}" is not a name AKS allows.`,
      'Give the name or the resource id of the AKS cluster.'
    )
    return undefined
  }
  const [, subscriptionId = '', resourceGroup = '', name = ''] = CLUSTER_ID.exec(text) ?? []
  if (
    !foreign &&
    GUID.test(subscriptionId) &&
    RESOURCE_GROUP.test(resourceGroup) &&
    CLUSTER_NAME.test(name)
  ) {
    return { name, resourceGroup, subscriptionId }
  }
  fault(
    'cluster',
    'This is not the resource id of an AKS cluster.',
    'Expected /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.ContainerService/managedClusters/<name>.'
  )
  return undefined
}

function issuerOf(text: string | undefined, fault: Fault): string | undefined {
  if (text === undefined) return undefined
  const url = URL.parse(text)
  if (url?.protocol === 'https:' && url.search === '' && url.hash === '') return text
  fault(
    'oidc-issuer-url',
    `"${text}" is not an https issuer.`,
    'Copy it from the iss claim of a token of the cluster.'
  )
  return undefined
}

function repositoriesOf(
  text: string | undefined,
  devopsUrl: string | undefined,
  fault: Fault
): RepositoryUrl[] {
  const lines = (text ?? '').split('\n').map((line) => line.trim())
  const given = lines.filter((line) => line !== '')
  if (given.length === 0) {
    fault(
      'repository-url',
      'It is required.',
      'Give https://dev.azure.com/<organization>/<project>/_git/<repository>.'
    )
  }
  const origin = devopsUrl === undefined ? undefined : URL.parse(devopsUrl)?.origin
  const found: RepositoryUrl[] = []
  for (const line of given) {
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

function agree(
  input: InputName,
  value: string | undefined,
  repositories: readonly RepositoryUrl[],
  part: 'organization' | 'project',
  fault: Fault
): void {
  const other = repositories.find((repository) => repository[part].toLowerCase() !== value?.toLowerCase())
  if (value !== undefined && other) {
    fault(
      input,
      `It says "${value}", but repository-url says "${other[part]}".`,
      'Leave it out, or correct the URL.'
    )
  }
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
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    fault('kubeconfig', `The file ${path} cannot be read (${String(code)}).`, remedy)
    return undefined
  }
}
