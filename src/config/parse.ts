/** Turns input values into `Desired`, deriving all that needs no request. Contradictions between inputs are faults. */
import { readSmallFile, UnusableFile } from '../core/small-file.ts'
import { credentialsIn, withoutCredentials } from '../core/text.ts'
import {
  isComplete,
  mergeWithId,
  parseCluster,
  refuseOtherSubscription,
  requireLocation,
  subscriptionFromEnvironment
} from './cluster-rules.ts'
import type { Desired, DesiredApplication, DesiredCluster } from './desired.ts'
import { InvalidInputs, readInputs, type Fault, type InputFault, type Values } from './inputs.ts'
import { GUID } from './patterns.ts'
import { organizationsOf, parseRepositories, refuseMismatch } from './repository-rules.ts'
import type { HostKind } from './row.ts'
import type { InputName } from './table.ts'
import { tagsOf } from './tag-rules.ts'
import { input } from '../core/input-name.ts'

export interface InputSource {
  readonly hostKind?: HostKind
  /** The subscription of the service connection. The login may have no permissions in any other. */
  readonly connectedSubscription?: string | undefined
}

/**
 * @param given raw text by input name, from the host; empty text counts as absent, as on GitHub.
 * @param environment for AZURE_SUBSCRIPTION_ID and AZURE_DEVOPS_URL.
 * @param before faults that the host found, listed with the rest.
 * @throws {InvalidInputs} with every fault.
 */
export function parseInputs(
  given: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
  before: readonly InputFault[] = [],
  source: InputSource = {}
): Desired {
  const faults = [...before]
  const derived: string[] = []
  const fault: Fault = (input, problem, remedy) => {
    if (before.every((one) => one.input !== input))
      faults.push({ input, problem: withoutCredentials(problem), remedy })
  }
  const { values, refused } = readInputs(given, fault, source.hostKind)
  const isAbsent = (name: InputName): boolean => values[name] === undefined && !refused.has(name)

  const parsed = parseCluster(values, fault)
  const resourceGroup = mergeWithId('resource-group', values['resource-group'], parsed?.resourceGroup, fault)
  const fromInputs = mergeWithId('subscription-id', values['subscription-id'], parsed?.subscriptionId, fault)
  const { connectedSubscription } = source
  const connected = GUID.test(connectedSubscription ?? '') ? connectedSubscription : undefined
  refuseOtherSubscription(connected, fromInputs, parsed?.subscriptionId, fault)
  const ambient =
    fromInputs === undefined ? (connected ?? subscriptionFromEnvironment(environment)) : undefined
  const subscriptionId = fromInputs ?? ambient
  if (ambient !== undefined) {
    const from = connected === undefined ? 'AZURE_SUBSCRIPTION_ID' : 'the service connection'
    derived.push(`${input('subscription-id')} ${ambient} (from ${from})`)
  }

  const repositories = parseRepositories(values['repository-url'], environment['AZURE_DEVOPS_URL'], fault)
  refuseMismatch('devops-organization', values['devops-organization'], repositories, 'organization', fault)
  refuseMismatch('devops-project', values['devops-project'], repositories, 'project', fault)
  const [first] = repositories
  const organizations = organizationsOf(repositories, fault)
  if (first) {
    const places =
      organizations.length === 1
        ? `organization ${first.organization}, project ${first.project}`
        : `organizations ${organizations.map(({ name }) => name).join(', ')}`
    derived.push(`${places} (from ${input('repository-url')})`)
  }

  let identityName = values['identity-name']
  if (isAbsent('identity-name') && parsed) {
    identityName = `id-argocd-${parsed.name}`
    derived.push(`${input('identity-name')} ${identityName} (from the cluster's name)`)
  }
  const tags = tagsOf(values.tags, fault)
  const location = values.location?.replaceAll(' ', '').toLowerCase()
  const kubeconfig = readKubeconfig(values.kubeconfig, fault)
  const { 'oidc-issuer-url': issuerUrl, 'identity-resource-group': identityGroup } = values
  const place = { subscriptionId, resourceGroup: identityGroup, location }
  if (issuerUrl !== undefined) requireLocation({ ...place, kubeconfig: values.kubeconfig }, isAbsent, fault)
  if (values['argocd-configuration'] === 'extension' && issuerUrl !== undefined)
    fault('argocd-configuration', 'Only AKS clusters have extensions.', 'Choose auto or manifests.')

  if (values.cloud !== 'public') fault('cloud', ...otherCloud(values.cloud))

  const project = values['argocd-project'] ?? '*'
  if (values.connection === 'template' && project !== '*')
    fault(
      'argocd-project',
      "Argo CD's credential templates cannot be restricted to a project.",
      `Choose ${input('connection', 'repository')}, or ${input('argocd-project', "'*'")}.`
    )
  const { 'client-id': clientId, 'tenant-id': tenantId } = values
  if (clientId !== undefined && isAbsent('tenant-id'))
    fault(
      'tenant-id',
      `${input('client-id')} is given, but this is empty.`,
      'Give both (a variable that is not set is empty), or neither to use the az login.'
    )
  const application = parseApplication(values, isAbsent('application-name'), fault)

  const cluster = (): DesiredCluster | undefined => {
    if (!parsed) return undefined
    if (issuerUrl !== undefined) {
      if (kubeconfig === undefined || !isComplete(place)) return undefined
      return { kind: 'oidc', name: parsed.name, issuerUrl, kubeconfig, place }
    }
    return {
      kind: 'aks',
      name: parsed.name,
      configure: values['configure-cluster'],
      ...dropUndefined({ resourceGroup, subscriptionId, kubeconfig })
    }
  }
  const desiredCluster = cluster()
  if (faults.length > 0 || !desiredCluster || identityName === undefined || !first) {
    const lines = [...given.values()].flatMap((value) => value.split('\n'))
    throw new InvalidInputs(faults, lines.flatMap(credentialsIn))
  }
  return {
    mode: values.mode,
    dryRun: values['dry-run'],
    failOnDrift: values['fail-on-drift'],
    cluster: desiredCluster,
    identity: { name: identityName, tags, ...dropUndefined({ resourceGroup: identityGroup, location }) },
    organizations,
    repositories,
    access: values.access,
    configuration: values['argocd-configuration'],
    connection: values.connection === 'template' ? 'repo-creds' : 'repository',
    verification: values.verification,
    verificationTimeout: values['verification-timeout'],
    login: dropUndefined({ clientId, tenantId }),
    cloud: values.cloud,
    ...dropUndefined({
      application,
      argocdNamespace: values['argocd-namespace'],
      argocdProject: values['argocd-project']
    }),
    derived
  }
}

/** Drops properties that are undefined. */
function dropUndefined<T extends object>(all: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/** Problem and remedy: the cluster may be anywhere, the identity must be in the public cloud. */
function otherCloud(cloud: string): readonly [string, string] {
  return [
    `Azure DevOps accepts tokens of the public cloud only: an identity in ${cloud} cannot read anything.`,
    `Leave it out and create the identity in the public cloud; describe the cluster with ${input('oidc-issuer-url')} and kubeconfig, and set AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/ on the container of its repo-server.`
  ]
}

function parseApplication(values: Values, unnamed: boolean, fault: Fault): DesiredApplication | undefined {
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
      'Write the path relative to the root of the repository, e.g. deploy.'
    )
  if (unnamed && revision !== undefined)
    fault(
      'application-name',
      `${input('application-revision')} is given without it.`,
      'Give the name of the Application.'
    )
  return name === undefined ? undefined : { name, path, revision, destination }
}

function readKubeconfig(path: string | undefined, fault: Fault): string | undefined {
  if (path === undefined) return undefined
  const remedy = 'Give the path of a kubeconfig file.'
  if (path.includes('\n')) {
    // Not shown: a kubeconfig may hold a token.
    fault('kubeconfig', 'It is a text of several lines, not a path.', remedy)
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
