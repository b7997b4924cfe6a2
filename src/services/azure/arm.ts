/**
 * Azure Resource Manager as raw JSON over REST: subscriptions, clusters, permissions. Clusters must not go through an
 * SDK: its (de)serializers drop properties they do not know, and a PUT would then reset them on the cluster. Wire
 * shapes: Azure/azure-rest-api-specs.
 */
import * as z from 'zod/mini'
import type { ArmWire } from './arm-wire.ts'
import { matchesWildcard } from '../../core/text.ts'
import { nameOf, orAbsent, understood } from '../../http/request.ts'
import { GUID, HEADER_WORD, namedId } from './ids.ts'
import { safe, UnexpectedReply } from '../../http/errors.ts'

export const AKS_API = '2025-10-01'
const AUTHORIZATION_API = '2022-04-01'
const SUBSCRIPTIONS_API = '2022-12-01'
const clusterShape = z.looseObject({
  id: namedId('Microsoft.ContainerService/managedClusters'),
  name: z.string(),
  location: z.string(),
  eTag: z.optional(z.string().check(z.regex(HEADER_WORD))),
  properties: z.looseObject({
    provisioningState: z.optional(z.string()),
    powerState: z.optional(z.looseObject({ code: z.optional(z.string()) })),
    oidcIssuerProfile: z.optional(
      z.looseObject({ enabled: z.optional(z.boolean()), issuerURL: z.optional(z.string()) })
    ),
    securityProfile: z.optional(
      z.looseObject({ workloadIdentity: z.optional(z.looseObject({ enabled: z.optional(z.boolean()) })) })
    ),
    aadProfile: z.nullish(z.looseObject({ enableAzureRBAC: z.nullish(z.boolean()) })),
    apiServerAccessProfile: z.nullish(
      z.looseObject({
        enablePrivateCluster: z.nullish(z.boolean()),
        authorizedIPRanges: z.nullish(z.array(z.string())),
        disableRunCommand: z.nullish(z.boolean())
      })
    ),
    agentPoolProfiles: z.optional(
      z.array(
        z.looseObject({
          name: z.string(),
          count: z.optional(z.number()),
          provisioningState: z.optional(z.string())
        })
      )
    )
  })
})
/** The whole resource: unknown properties are kept for the PUT. */
export type ManagedCluster = z.infer<typeof clusterShape>

const subscriptionShape = z.looseObject({
  subscriptionId: z.string().check(z.regex(GUID)),
  displayName: z.optional(z.string()),
  tenantId: z.optional(z.string())
})
const kubeconfigsShape = z.looseObject({ kubeconfigs: z.array(z.looseObject({ value: z.string() })) })
const permissionShape = z.looseObject({
  actions: z.optional(z.array(z.string())),
  notActions: z.optional(z.array(z.string()))
})

/** From where a cluster's API server is reachable. A public one is reachable from everywhere. */
export interface ApiServerAccess {
  /** Whether its address is in the cluster's own network. */
  readonly isPrivate: boolean
  /** Empty: no restriction. */
  readonly ranges: readonly string[]
  /** Whether Azure runs commands in it. */
  readonly runsCommands: boolean
  /** Whether its API server asks for tokens of Entra. */
  readonly asksEntra: boolean
}

export class Arm {
  readonly #wire: ArmWire
  /** By id in lower case. */
  readonly #access = new Map<string, ApiServerAccess>()
  constructor(wire: ArmWire) {
    this.#wire = wire
  }

  async subscriptions(): Promise<{ subscriptionId: string; displayName?: string | undefined }[]> {
    return this.#wire.list('/subscriptions', SUBSCRIPTIONS_API, subscriptionShape)
  }

  /** The tenant of new identities in a subscription; undefined when the login does not see the subscription. */
  async tenantOf(subscriptionId: string): Promise<string | undefined> {
    const all = await orAbsent(this.#wire.list('/subscriptions', SUBSCRIPTIONS_API, subscriptionShape))
    return all?.find((one) => one.subscriptionId.toLowerCase() === subscriptionId.toLowerCase())?.tenantId
  }

  async clusters(subscriptionId: string): Promise<ManagedCluster[]> {
    const path = `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/managedClusters`
    const all = await this.#wire.list(path, AKS_API, clusterShape)
    return all.map((cluster) => this.#remembered(cluster))
  }

  /** Defined only for a cluster that was read before. */
  apiServerAccess(id: string): ApiServerAccess | undefined {
    return this.#access.get(id.toLowerCase())
  }

  #remembered(cluster: ManagedCluster): ManagedCluster {
    const { aadProfile, apiServerAccessProfile } = cluster.properties
    const { enablePrivateCluster, authorizedIPRanges, disableRunCommand } = apiServerAccessProfile ?? {}
    this.#access.set(cluster.id.toLowerCase(), {
      isPrivate: enablePrivateCluster ?? false,
      ranges: authorizedIPRanges ?? [],
      runsCommands: disableRunCommand !== true,
      asksEntra: (aadProfile ?? undefined) !== undefined
    })
    return cluster
  }

  /** undefined when it (or its resource group) does not exist. */
  async cluster(id: string): Promise<ManagedCluster | undefined> {
    const request = this.#wire.request('GET', id, AKS_API)
    const reply = await orAbsent(this.#wire.send(request))
    if (!reply) return undefined
    const found = understood(clusterShape, reply, request)
    // Later writes go to the id in the answer, so it must be that of the requested cluster.
    if (found.id.toLowerCase() === id.toLowerCase()) return this.#remembered(found)
    throw new UnexpectedReply('ARM', nameOf(request), `another cluster: ${safe(found.id, 200)}`)
  }

  /**
   * Writes the whole resource back, guarded by its eTag, and waits for the operation to end.
   *
   * @throws {HttpProblem} 409 or 412 when the cluster has changed since it was read.
   */
  async putCluster(cluster: ManagedCluster): Promise<void> {
    const headers = cluster.eTag === undefined ? {} : { 'if-match': cluster.eTag }
    const request = { ...this.#wire.request('PUT', cluster.id, AKS_API), headers, body: cluster }
    await this.#wire.finished(request)
  }

  /** The kubeconfig (YAML) of the AKS user credential. */
  async userKubeconfig(clusterId: string): Promise<string> {
    const request = this.#wire.request(
      'POST',
      `${clusterId}/listClusterUserCredential`,
      AKS_API,
      '&format=exec'
    )
    const [first] = understood(kubeconfigsShape, await this.#wire.send(request), request).kubeconfigs
    if (!first) throw new UnexpectedReply('ARM', 'listClusterUserCredential', 'no kubeconfig in the list')
    return Buffer.from(first.value, 'base64').toString('utf8')
  }

  /** Those of `actions` that the login is missing at `scope` (a resource or resource group id). */
  async missingActions(scope: string, actions: readonly string[]): Promise<string[]> {
    const path = `${scope}/providers/Microsoft.Authorization/permissions`
    const granted = await this.#wire.list(path, AUTHORIZATION_API, permissionShape)
    const covers = (patterns: readonly string[] | undefined, action: string): boolean =>
      (patterns ?? []).some((pattern) => matchesWildcard(pattern, action))
    return actions.filter(
      (action) =>
        !granted.some(({ actions, notActions }) => covers(actions, action) && !covers(notActions, action))
    )
  }
}
