/** The inputs' values → Desired, with everything derived that needs no request; contradictions between inputs are faults. */
import { readSmallFile, UnusableFile } from '../core/small-file.ts'
import { credentialsIn, withoutCredentials } from '../core/text.ts'
import {
  agreed,
  ambientSubscription,
  isPlaced,
  namedCluster,
  refuseOtherSubscription,
  refuseUnplaced
} from './cluster-rules.ts'
import type { Desired, DesiredApplication, DesiredCluster } from './desired.ts'
import { InvalidInputs, readInputs, type Fault, type InputFault, type Values } from './inputs.ts'
import { GUID } from './patterns.ts'
import { agree, refuseSecondOrganization, repositoriesOf } from './repository-rules.ts'
import type { Place } from './row.ts'
import type { InputName } from './table.ts'
import { tagsOf } from './tag-rules.ts'
import { input } from '../core/input-name.ts'

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
    derived.push(`${input('subscription-id')} ${ambient} (from ${from})`)
  }

  const repositories = repositoriesOf(values['repository-url'], environment['AZURE_DEVOPS_URL'], fault)
  agree('devops-organization', values['devops-organization'], repositories, 'organization', fault)
  agree('devops-project', values['devops-project'], repositories, 'project', fault)
  const [first] = repositories
  if (first) {
    derived.push(
      `organization ${first.organization}, project ${first.project} (from ${input('repository-url')})`
    )
    refuseSecondOrganization(first, repositories, fault)
  }

  let identityName = values['identity-name']
  if (isAbsent('identity-name') && named) {
    identityName = `id-argocd-${named.name}`
    derived.push(`${input('identity-name')} ${identityName} (from the cluster's name)`)
  }
  const tags = tagsOf(values.tags, fault)
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
      `Choose ${input('connection', 'repository')}, or ${input('argocd-project', "'*'")}.`
    )
  const { 'client-id': clientId, 'tenant-id': tenantId } = values
  if (clientId !== undefined && isAbsent('tenant-id'))
    fault(
      'tenant-id',
      `${input('client-id')} is given without it.`,
      'Give both, or neither to use the az login.'
    )
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
    identity: { name: identityName, tags, ...present({ resourceGroup: identityGroup, location }) },
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
    `Leave it out and put the identity into the public cloud; give the cluster by ${input('oidc-issuer-url')} and kubeconfig, and set AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/ on the container of its repo-server.`
  ]
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
      `${input('application-revision')} is given without it.`,
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
