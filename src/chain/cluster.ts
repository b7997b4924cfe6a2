/**
 * The cluster signs tokens that Entra can check (OIDC issuer), and its webhook gives pods such a token (workload
 * identity). Enabling restarts the API server and the issuer cannot be disabled again, so it is written only with
 * `configure-cluster: true`.
 */
import type { ManagedCluster } from '../services/azure/arm.ts'
import type { Planes } from '../services/services.ts'
import { HttpProblem } from '../http/errors.ts'
import { Problem } from '../core/problem.ts'
import type { AzurePlace, DesiredCluster } from '../config/desired.ts'
import { linksOf, type Link } from './cluster-links.ts'
import type { ChainHop } from './resource.ts'
import type { Change } from '../engine/outcome.ts'
import { word } from '../core/shell.ts'

export interface Cluster {
  /** ARM id; undefined for a cluster that is not AKS. */
  readonly id: string | undefined
  readonly name: string
  /** Where its identity goes unless the inputs say otherwise. */
  readonly place: AzurePlace
  /** Of all pools; undefined when not known. */
  readonly nodes: number | undefined
  /** Byte for byte as the tokens carry it; undefined while there is none. */
  readonly issuerUrl: string | undefined
  /** What a write of the whole cluster needs at other resources. */
  readonly links: readonly Link[]
}

type Seen = ManagedCluster | 'given by the inputs'

export const cluster: ChainHop<DesiredCluster, Seen, Cluster> = {
  name: 'cluster',

  async observe(want, planes) {
    if (want.kind === 'oidc') return 'given by the inputs'
    const subscriptionId = want.subscriptionId ?? (await subscriptionOf(planes))
    if (want.resourceGroup === undefined) return lookedUp(want.name, subscriptionId, planes)
    const id = `/subscriptions/${subscriptionId}/resourceGroups/${want.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${want.name}`
    const found = await planes.arm.cluster(id)
    if (!found)
      throw notFound(want.name, `resource group ${want.resourceGroup} of subscription ${subscriptionId}`)
    return found
  },

  exists: () => true,

  compare(want, seen) {
    if (seen === 'given by the inputs' || want.kind === 'oidc') return []
    const { oidcIssuerProfile, securityProfile } = seen.properties
    const changes: Change[] = []
    const check = (field: string, on: boolean | undefined, flag: string): void => {
      if (on === true) return
      const change: Change = { field, expected: 'true', found: String(on ?? false) }
      const remedy = `set configure-cluster: true, or run: az aks update -g ${word(groupOf(seen.id))} -n ${word(seen.name)} ${flag}`
      const what = `${field} is off, and configure-cluster is not set. Enabling restarts the API server.`
      changes.push(want.configure ? change : { ...change, blocked: { what, remedy } })
    }
    check('oidcIssuerProfile.enabled', oidcIssuerProfile?.enabled, '--enable-oidc-issuer')
    check(
      'securityProfile.workloadIdentity.enabled',
      securityProfile?.workloadIdentity?.enabled,
      '--enable-workload-identity'
    )
    return changes
  },

  given(want, seen) {
    if (want.kind === 'oidc') {
      const { name, place, issuerUrl } = want
      return { id: undefined, name, place, nodes: undefined, issuerUrl, links: [] }
    }
    if (seen === 'given by the inputs') return undefined
    const { enabled, issuerURL } = seen.properties.oidcIssuerProfile ?? {}
    return {
      id: seen.id,
      name: seen.name,
      place: {
        subscriptionId: seen.id.split('/')[2] ?? '',
        resourceGroup: groupOf(seen.id),
        location: seen.location
      },
      nodes: seen.properties.agentPoolProfiles?.reduce((sum, { count = 0 }) => sum + count, 0),
      issuerUrl: enabled === true ? issuerURL : undefined,
      links: linksOf(seen)
    }
  },

  facts: ({ issuerUrl }) => (issuerUrl === undefined ? {} : { issuerUrl }),
  summary({ id, name, place, issuerUrl }) {
    const where =
      id === undefined ? name : `${name} in ${place.resourceGroup}, subscription ${place.subscriptionId}`
    return `${where}, issuer ${issuerUrl ?? 'none'}`
  },

  async apply(_want, seen, { arm }, { say }) {
    if (seen === 'given by the inputs') return
    assertIdle(seen)
    say(`Enabling the OIDC issuer and workload identity on ${seen.name}; the API server restarts.`)
    const { properties } = seen
    await arm.putCluster({
      ...seen,
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

const IDLE = new Set(['Succeeded', 'Failed', 'Canceled'])

/** AKS refuses writes while the cluster or one of its pools is changing: that is a lost race, tried again later. */
function assertIdle({ name, properties }: ManagedCluster): void {
  const parts = [
    { name, provisioningState: properties.provisioningState },
    ...(properties.agentPoolProfiles ?? [])
  ]
  const busy = parts.find(({ provisioningState }) => !IDLE.has(provisioningState ?? 'Succeeded'))
  if (busy) {
    throw new HttpProblem({
      plane: 'ARM',
      request: 'the cluster',
      status: 409,
      code: 'OperationNotAllowed',
      detail: `${busy.name} is ${busy.provisioningState ?? 'busy'}`
    })
  }
  if (properties.powerState?.code === 'Stopped') {
    throw new Problem({ what: `The cluster ${name} is stopped.`, remedy: `az aks start -n ${word(name)}` })
  }
}

async function subscriptionOf({ arm, login }: Planes): Promise<string> {
  if (login.subscriptionId !== undefined) return login.subscriptionId
  const all = await arm.subscriptions()
  const [only] = all
  if (only && all.length === 1) return only.subscriptionId
  throw new Problem({
    what: all.length === 0 ? 'The login sees no subscription.' : 'The login sees several subscriptions.',
    expected: 'one subscription to look the cluster up in',
    found:
      all.map(({ subscriptionId, displayName }) => `${displayName ?? ''} (${subscriptionId})`).join(', ') ||
      'none',
    remedy: 'set subscription-id, or give cluster as a full resource id'
  })
}

async function lookedUp(name: string, subscriptionId: string, { arm }: Planes): Promise<ManagedCluster> {
  const all = await arm.clusters(subscriptionId).catch((error: unknown) => {
    // With rights in a resource group only, there is no list of the subscription.
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
    what: `Several clusters are named ${name}.`,
    found: named.map(({ id }) => id).join(', '),
    remedy: 'set resource-group, or give cluster as a full resource id'
  })
}

function notFound(name: string, place: string, others: readonly string[] = []): Problem {
  return new Problem({
    what: `There is no AKS cluster ${name} in ${place} that the login can see.`,
    expected: name,
    ...(others.length === 0 ? {} : { found: others.slice(0, 10).join(', ') }),
    remedy: 'correct cluster, resource-group or subscription-id, or grant the login Reader on the cluster'
  })
}

function mayNotList(name: string, subscriptionId: string): Problem {
  return new Problem({
    what: `The login may not list the clusters of subscription ${subscriptionId}, so that ${name} cannot be found by its name.`,
    expected: 'Microsoft.ContainerService/managedClusters/read at the subscription',
    found: 'not granted',
    remedy: 'set resource-group, or give cluster as a full resource id: rights on the cluster are enough then'
  })
}

function groupOf(id: string): string {
  return id.split('/')[4] ?? ''
}
