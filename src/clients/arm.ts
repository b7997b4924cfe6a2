/**
 * Azure Resource Manager as raw JSON over REST: subscriptions, clusters, rights. Clusters must not go through an
 * SDK: its (de)serialisers drop properties they do not know, and a PUT would then reset them on the cluster.
 * Wire shapes: Azure/azure-rest-api-specs.
 */
import * as z from 'zod/mini'
import type { Endpoints } from './endpoints.ts'
import {
  MOST_PAGES,
  orAbsent,
  recordOf,
  retryAfterOf,
  send,
  understood,
  type Reply,
  type Request,
  type Wire
} from './http.ts'
import { wait } from './retries.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable } from './wire-problems.ts'

const AKS_API = '2025-10-01'
const AUTHORIZATION_API = '2022-04-01'
const SUBSCRIPTIONS_API = '2022-12-01'
/** Pace of polling a long operation when the service names none, in ms. */
const POLL = 2_000
const LEAST_POLL = 250

const clusterShape = z.looseObject({
  id: z.string(),
  name: z.string(),
  location: z.string(),
  eTag: z.optional(z.string()),
  properties: z.looseObject({
    provisioningState: z.optional(z.string()),
    powerState: z.optional(z.looseObject({ code: z.optional(z.string()) })),
    oidcIssuerProfile: z.optional(
      z.looseObject({ enabled: z.optional(z.boolean()), issuerURL: z.optional(z.string()) })
    ),
    securityProfile: z.optional(
      z.looseObject({ workloadIdentity: z.optional(z.looseObject({ enabled: z.optional(z.boolean()) })) })
    ),
    agentPoolProfiles: z.optional(
      z.array(z.looseObject({ name: z.string(), provisioningState: z.optional(z.string()) }))
    )
  })
})
/** The whole resource: what is not named here is kept for the PUT. */
export type ManagedCluster = z.infer<typeof clusterShape>

const page = <T>(item: z.ZodMiniType<T>) =>
  z.looseObject({ value: z.array(item), nextLink: z.optional(z.string()) })
const subscriptionShape = z.looseObject({ subscriptionId: z.string(), displayName: z.optional(z.string()) })
const kubeconfigsShape = z.looseObject({ kubeconfigs: z.array(z.looseObject({ value: z.string() })) })
const permissionShape = z.looseObject({
  actions: z.optional(z.array(z.string())),
  notActions: z.optional(z.array(z.string()))
})
const statusShape = z.looseObject({ status: z.string(), error: z.nullish(z.unknown()) })

export class Arm {
  readonly #endpoints: Endpoints
  readonly #wire: Wire
  readonly #bearer: () => Promise<string>
  constructor(endpoints: Endpoints, bearer: () => Promise<string>, wire: Wire) {
    this.#endpoints = endpoints
    this.#bearer = bearer
    this.#wire = wire
  }

  async subscriptions(): Promise<{ subscriptionId: string; displayName?: string | undefined }[]> {
    return this.#list('/subscriptions', SUBSCRIPTIONS_API, subscriptionShape)
  }

  async clusters(subscriptionId: string): Promise<ManagedCluster[]> {
    const path = `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/managedClusters`
    return this.#list(path, AKS_API, clusterShape)
  }

  /** undefined when it (or its resource group) does not exist. */
  async cluster(id: string): Promise<ManagedCluster | undefined> {
    const request = this.#request('GET', id, AKS_API)
    const reply = await orAbsent(send(this.#wire, request))
    return reply && understood(clusterShape, reply, request)
  }

  /**
   * Writes the whole resource back, guarded by its eTag, and waits for the operation to end.
   *
   * @throws {HttpProblem} 409 or 412 when somebody else changed the cluster since it was read.
   */
  async putCluster(cluster: ManagedCluster): Promise<void> {
    const headers = cluster.eTag === undefined ? {} : { 'if-match': cluster.eTag }
    const request = { ...this.#request('PUT', cluster.id, AKS_API), headers, body: cluster }
    await this.#finished(request, await send(this.#wire, request))
  }

  /** The kubeconfig (YAML) of the AKS user credential. */
  async userKubeconfig(clusterId: string): Promise<string> {
    const request = this.#request('POST', `${clusterId}/listClusterUserCredential`, AKS_API, '&format=exec')
    const [first] = understood(kubeconfigsShape, await send(this.#wire, request), request).kubeconfigs
    if (!first) throw new UnexpectedReply('ARM', 'listClusterUserCredential', 'no kubeconfig in the list')
    return Buffer.from(first.value, 'base64').toString('utf8')
  }

  /** Which of `actions` the login lacks at `scope` (a resource or resource group id). */
  async missingActions(scope: string, actions: readonly string[]): Promise<string[]> {
    const path = `${scope}/providers/Microsoft.Authorization/permissions`
    const granted = await this.#list(path, AUTHORIZATION_API, permissionShape)
    const covers = (patterns: readonly string[] | undefined, action: string): boolean =>
      (patterns ?? []).some((pattern) => wildcard(pattern).test(action))
    return actions.filter(
      (action) =>
        !granted.some(({ actions, notActions }) => covers(actions, action) && !covers(notActions, action))
    )
  }

  #request(method: Request['method'], path: string, api: string, more = ''): Request {
    return {
      plane: 'ARM',
      method,
      url: `${this.#endpoints.arm}${path}?api-version=${api}${more}`,
      bearer: this.#bearer
    }
  }

  async #list<T>(path: string, api: string, item: z.ZodMiniType<T>): Promise<T[]> {
    const found: T[] = []
    let request: Request | undefined = this.#request('GET', path, api)
    for (let pages = 1; request; pages += 1) {
      const { value, nextLink }: { value: T[]; nextLink?: string | undefined } = understood(
        page(item),
        await send(this.#wire, request),
        request
      )
      found.push(...value)
      if (pages > MOST_PAGES) throw new UnexpectedReply('ARM', `GET ${path}`, 'the list does not end')
      request = nextLink === undefined ? undefined : { ...request, url: this.#onOwnHost(nextLink) }
    }
    return found
  }

  /** A page or poll URL is followed on ARM's own host only: it is sent the bearer. */
  #onOwnHost(url: string): string {
    if (URL.parse(url)?.origin === new URL(this.#endpoints.arm).origin) return url
    throw new UnexpectedReply('ARM', 'a link of its own', `the link leads to another host: ${safe(url, 120)}`)
  }

  async #finished(request: Request, reply: Reply): Promise<void> {
    const link = reply.headers.get('azure-asyncoperation')
    if (link === null) return
    const poll: Request = { plane: 'ARM', method: 'GET', url: this.#onOwnHost(link), bearer: this.#bearer }
    for (let last = reply; ;) {
      const pace = Math.max(LEAST_POLL, retryAfterOf(last.headers.get('retry-after')) ?? POLL)
      const left = this.#wire.patience.deadline - Date.now()
      if (left <= pace)
        throw new Unreachable('ARM', 'the long operation', new URL(link).host, new Error('out of time'))
      this.#wire.patience.say('Waiting for the cluster operation to end.')
      await wait(this.#wire.patience, pace)
      last = await send(this.#wire, poll)
      const { status, error } = understood(statusShape, last, poll)
      if (status === 'Succeeded') return
      if (status === 'Failed' || status === 'Canceled') {
        const { code, message } = recordOf(error)
        throw new HttpProblem({
          plane: 'ARM',
          request: `${request.method} ${new URL(request.url).pathname}`,
          status: 400,
          code: typeof code === 'string' ? safe(code) : status,
          detail: typeof message === 'string' ? safe(message) : 'the operation did not succeed'
        })
      }
    }
  }
}

/** `Microsoft.ManagedIdentity/*` and the like, as Azure RBAC matches them. */
function wildcard(pattern: string): RegExp {
  const escaped = pattern.split('*').map((part) => part.replaceAll(/[.\\+?^${}()|[\]]/g, '\\$&'))
  return new RegExp(`^${escaped.join('.*')}$`, 'i')
}
