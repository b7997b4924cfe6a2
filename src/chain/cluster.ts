/**
 * The cluster signs tokens that Entra can validate (OIDC issuer), and its webhook gives pods such a token (workload
 * identity). Enabling restarts the API server, and the issuer cannot be disabled again, so apply enables them only with
 * `configure-cluster: true`.
 */
import type { ManagedCluster } from '../services/azure/arm.ts'
import type { Services } from '../services/services.ts'
import { HttpProblem } from '../http/errors.ts'
import { Problem } from '../core/finding.ts'
import type { AzurePlace, DesiredCluster } from '../config/desired.ts'
import { linksOf, type Link } from './cluster-links.ts'
import { Connected, connectedDifferences } from './connected-cluster.ts'
import type { ChainResource } from './resource.ts'
import type { Difference } from '../engine/outcome.ts'
import { word } from '../core/shell.ts'
import { input } from '../core/input-name.ts'

export interface Cluster {
  /** ARM id; undefined for a cluster that ARM does not know. */
  readonly id: string | undefined
  readonly name: string
  /** Subscription, resource group and location of the managed identity, unless the inputs set others. */
  readonly place: AzurePlace
  /** Its API server asks Azure for rights, too. */
  readonly azureRbac: boolean
  /** Nodes of all pools; undefined: unknown. */
  readonly nodes: number | undefined
  /** Byte for byte as in the tokens; undefined while the cluster has no issuer. */
  readonly issuerUrl: string | undefined
  /** Actions on other resources that a write of the whole cluster needs. */
  readonly links: readonly Link[]
}

type State = ManagedCluster | Connected | 'given by the inputs'

export const cluster: ChainResource<DesiredCluster, State, Cluster> = {
  kind: 'cluster',

  async read(spec, services) {
    if (spec.kind === 'oidc') return 'given by the inputs'
    if (spec.kind === 'arc') return connectedAt(spec, services)
    const subscriptionId = spec.subscriptionId ?? (await subscriptionOf(services))
    if (spec.resourceGroup === undefined) return lookedUp(spec.name, subscriptionId, services)
    const id = `/subscriptions/${subscriptionId}/resourceGroups/${spec.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${spec.name}`
    const found = await services.arm.cluster(id)
    if (!found)
      throw notFound(spec.name, `resource group ${spec.resourceGroup} of subscription ${subscriptionId}`)
    return found
  },

  assess(spec, state) {
    const output = outputOf(spec, state)
    const { id, name, place, issuerUrl } = output
    const where =
      id === undefined ? name : `${name} in ${place.resourceGroup}, subscription ${place.subscriptionId}`
    return {
      exists: true,
      differences: differencesOf(spec, state),
      output,
      outputs: issuerUrl === undefined ? {} : { issuerUrl },
      summary: `${where}, issuer ${issuerUrl ?? 'none'}`
    }
  },

  async apply(_spec, state, { arm }, { report }) {
    if (state === 'given by the inputs' || state instanceof Connected) return
    assertIdle(state)
    report(`Enabling the OIDC issuer and workload identity on ${state.name}; the API server restarts.`)
    const { properties } = state
    await arm.putCluster({
      ...state,
      properties: {
        ...properties,
        oidcIssuerProfile: { ...properties.oidcIssuerProfile, enabled: true },
        securityProfile: {
          ...properties.securityProfile,
          workloadIdentity: { ...properties.securityProfile?.workloadIdentity, enabled: true }
        }
      }
    })
  }
}

function differencesOf(spec: DesiredCluster, state: State): Difference[] {
  if (state === 'given by the inputs' || spec.kind === 'oidc') return []
  if (state instanceof Connected) return connectedDifferences(state.cluster)
  if (spec.kind === 'arc') return []
  const { oidcIssuerProfile, securityProfile } = state.properties
  const changes: Difference[] = []
  const check = (field: string, on: boolean | undefined, flag: string): void => {
    if (on === true) return
    const change: Difference = { field, expected: 'true', actual: String(on ?? false) }
    const remedy = `set ${input('configure-cluster', 'true')}, or enable it`
    const command = `az aks update -g ${word(groupOf(state.id))} -n ${word(state.name)} ${flag}`
    const summary = `${field} is off, and ${input('configure-cluster')} is not set. Enabling restarts the API server.`
    changes.push(
      spec.configure
        ? change
        : { ...change, blocked: { id: 'cluster/feature-off', summary, remedy, command } }
    )
  }
  check('oidcIssuerProfile.enabled', oidcIssuerProfile?.enabled, '--enable-oidc-issuer')
  check(
    'securityProfile.workloadIdentity.enabled',
    securityProfile?.workloadIdentity?.enabled,
    '--enable-workload-identity'
  )
  return changes
}

function outputOf(spec: DesiredCluster, state: State): Cluster {
  if (spec.kind === 'oidc') {
    const { name, place, issuerUrl } = spec
    return { id: undefined, name, place, azureRbac: false, nodes: undefined, issuerUrl, links: [] }
  }
  if (state === 'given by the inputs') throw new TypeError('an AKS cluster was not read')
  if (state instanceof Connected) {
    const { id, name, location, nodes, issuerUrl } = state.cluster
    return { id, name, place: placeOf(id, location), nodes, issuerUrl, azureRbac: false, links: [] }
  }
  const { enabled, issuerURL } = state.properties.oidcIssuerProfile ?? {}
  return {
    id: state.id,
    name: state.name,
    place: placeOf(state.id, state.location),
    azureRbac: state.properties.aadProfile?.enableAzureRBAC === true,
    nodes: state.properties.agentPoolProfiles?.reduce((sum, { count = 0 }) => sum + count, 0),
    issuerUrl: enabled === true ? issuerURL : undefined,
    links: linksOf(state)
  }
}

const IDLE = new Set(['Succeeded', 'Failed', 'Canceled'])

/** AKS refuses writes while the cluster or one of its pools is changing; such a conflict is retried later. */
function assertIdle({ id, name, properties }: ManagedCluster): void {
  const parts = [
    { name, provisioningState: properties.provisioningState },
    ...(properties.agentPoolProfiles ?? [])
  ]
  const busy = parts.find(({ provisioningState }) => !IDLE.has(provisioningState ?? 'Succeeded'))
  if (busy) {
    throw new HttpProblem({
      service: 'ARM',
      request: 'the cluster',
      status: 409,
      code: 'OperationNotAllowed',
      detail: `${busy.name} is ${busy.provisioningState ?? 'busy'}`
    })
  }
  if (properties.powerState?.code === 'Stopped') {
    throw new Problem({
      id: 'cluster/stopped',
      summary: `The cluster ${name} is stopped.`,
      remedy: 'start it, then run again',
      command: `az aks start --ids ${word(id)}`
    })
  }
}

async function subscriptionOf({ arm, login }: Services): Promise<string> {
  if (login.subscriptionId !== undefined) return login.subscriptionId
  const all = await arm.subscriptions()
  const [only] = all
  if (only && all.length === 1) return only.subscriptionId
  throw new Problem({
    id: 'cluster/subscription-unclear',
    summary: all.length === 0 ? 'The login sees no subscription.' : 'The login sees several subscriptions.',
    expected: 'one subscription to look the cluster up in',
    actual:
      all.map(({ subscriptionId, displayName }) => `${displayName ?? ''} (${subscriptionId})`).join(', ') ||
      'none',
    remedy: `set ${input('subscription-id')}, or give cluster as a full resource id`
  })
}

async function lookedUp(name: string, subscriptionId: string, { arm }: Services): Promise<ManagedCluster> {
  const all = await arm.clusters(subscriptionId).catch((error: unknown) => {
    // A login with rights on a resource group only cannot list the clusters of the subscription.
    if (error instanceof HttpProblem && error.status === 403) throw mayNotList(name, subscriptionId)
    throw error
  })
  const named = all.filter((one) => one.name.toLowerCase() === name.toLowerCase())
  const [found, other] = named
  if (found && !other) return found
  if (!found)
    throw notFound(
      name,
      `subscription ${subscriptionId}`,
      all.map((one) => one.name)
    )
  throw new Problem({
    id: 'cluster/ambiguous',
    summary: `Several clusters are named ${name}.`,
    actual: named.map(({ id }) => id).join(', '),
    remedy: `set ${input('resource-group')}, or give cluster as a full resource id`
  })
}

function notFound(name: string, place: string, others: readonly string[] = []): Problem {
  return new Problem({
    id: 'cluster/not-found',
    summary: `There is no AKS cluster ${name} in ${place} that the login can see.`,
    expected: name,
    ...(others.length === 0 ? {} : { actual: others.slice(0, 10).join(', ') }),
    remedy: `correct cluster, ${input('resource-group')} or ${input('subscription-id')}, or grant the login Reader on the cluster`
  })
}

function mayNotList(name: string, subscriptionId: string): Problem {
  return new Problem({
    id: 'cluster/not-listed',
    summary: `The login may not list the clusters of subscription ${subscriptionId}, so ${name} cannot be found by its name.`,
    expected: 'Microsoft.ContainerService/managedClusters/read at the subscription',
    actual: 'not granted',
    remedy: `set ${input('resource-group')}, or give ${input('cluster')} as a full resource id: rights on the cluster are enough then`
  })
}

async function connectedAt(
  { name, resourceGroup, subscriptionId }: Extract<DesiredCluster, { kind: 'arc' }>,
  { connected }: Services
): Promise<Connected> {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Kubernetes/connectedClusters/${name}`
  const found = await connected.get(id)
  if (found) return new Connected(found)
  throw notFound(name, `Azure Arc in resource group ${resourceGroup} of subscription ${subscriptionId}`)
}

function placeOf(id: string, location: string): AzurePlace {
  return { subscriptionId: id.split('/')[2] ?? '', resourceGroup: groupOf(id), location }
}

function groupOf(id: string): string {
  return id.split('/')[4] ?? ''
}
