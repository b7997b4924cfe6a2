/** The Kubernetes API, by the official client; loaded on first use, since it is the largest part of the bundle. */
import { getCACertificates } from 'node:tls'
import type * as z from 'zod/mini'
import type {
  Cluster,
  CoreV1Api,
  AppsV1Api,
  AuthorizationV1Api,
  CustomObjectsApi,
  KubeConfig,
  ConfigurationOptions,
  V1Deployment,
  V1Pod,
  V1Secret,
  V1Service,
  V1ServiceAccount
} from '@kubernetes/client-node'
import { Problem } from '../../core/problem.ts'
import { orAbsent, recordOf, retryAfterOf, type Wire } from '../../http/request.ts'
import { guardedRequests } from './guard.ts'
import {
  checked,
  deploymentShape,
  listOf,
  podShape,
  reviewShape,
  secretShape,
  serviceAccountShape,
  serviceShape,
  tokenShape
} from './shapes.ts'
import { patiently } from '../../http/retry.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable } from '../../http/errors.ts'

export interface ResourceRight {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  readonly namespace: string
  readonly name?: string
}

/** A kind of custom resource. */
export interface ObjectKind {
  readonly group: string
  readonly version: string
  readonly plural: string
}

/** How long a run that is being stopped may still tidy up, in ms. Runners wait some seconds before they kill. */
const LAST_WORDS = 4_000

interface Apis {
  readonly core: CoreV1Api
  readonly apps: AppsV1Api
  readonly authorization: AuthorizationV1Api
  readonly custom: CustomObjectsApi
  /** For patches: the body is a merge patch. */
  readonly merge: ConfigurationOptions
  readonly host: string
}

export class Kubernetes {
  readonly #kubeconfig: () => Promise<string>
  readonly #entraToken: () => Promise<string>
  readonly #wire: Wire
  #apis: Promise<Apis> | undefined

  /**
   * @param kubeconfig its YAML
   * @param entraToken for the AKS server application; asked for only when the kubeconfig wants a login plugin
   */
  constructor(kubeconfig: () => Promise<string>, entraToken: () => Promise<string>, wire: Wire) {
    this.#kubeconfig = kubeconfig
    this.#entraToken = entraToken
    this.#wire = wire
  }

  /** The same API for the last words of a run that is being stopped. */
  outlasting(): Kubernetes {
    if (!this.#wire.patience.signal.aborted) return this
    const signal = AbortSignal.timeout(LAST_WORDS)
    const patience = { ...this.#wire.patience, deadline: Date.now() + LAST_WORDS, signal }
    return new Kubernetes(this.#kubeconfig, this.#entraToken, { ...this.#wire, patience })
  }

  /** All Deployments of one namespace, or of the whole cluster. */
  deployments(namespace: string | undefined): Promise<V1Deployment[]> {
    return this.#workloads('deployments', namespace)
  }

  /** All StatefulSets of a namespace; what is read of them is what is read of a Deployment. */
  statefulSets(namespace: string): Promise<V1Deployment[]> {
    return this.#workloads('statefulsets', namespace)
  }

  async services(namespace: string): Promise<V1Service[]> {
    const list = ({ core }: Apis): Promise<{ items: V1Service[] }> =>
      core.listNamespacedService({ namespace })
    const { items } = await this.#call('list services', list, listOf(serviceShape))
    return items
  }

  /** Whether there is one; what is in it is not looked at. */
  async hasConfigMap(namespace: string, name: string): Promise<boolean> {
    const read = ({ core }: Apis): Promise<unknown> => core.readNamespacedConfigMap({ namespace, name })
    return (await orAbsent(this.#call('get configmaps', read))) !== undefined
  }

  deployment(namespace: string, name: string): Promise<V1Deployment> {
    const read = ({ apps }: Apis): Promise<V1Deployment> => apps.readNamespacedDeployment({ namespace, name })
    return this.#call('get deployment', read, deploymentShape)
  }

  serviceAccount(namespace: string, name: string): Promise<V1ServiceAccount | undefined> {
    const read = ({ core }: Apis): Promise<V1ServiceAccount> =>
      core.readNamespacedServiceAccount({ namespace, name })
    return orAbsent(this.#call('get serviceaccount', read, serviceAccountShape))
  }

  async pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<V1Pod[]> {
    const labelSelector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',')
    const list = ({ core }: Apis): Promise<{ items: V1Pod[] }> =>
      core.listNamespacedPod({ namespace, labelSelector })
    const { items } = await this.#call('list pods', list, listOf(podShape))
    return items
  }

  /** Secrets that Argo CD reads as repositories or credential templates. */
  async argoSecrets(namespace: string): Promise<V1Secret[]> {
    const labelSelector = 'argocd.argoproj.io/secret-type in (repository,repo-creds)'
    const list = ({ core }: Apis): Promise<{ items: V1Secret[] }> =>
      core.listNamespacedSecret({ namespace, labelSelector })
    const { items } = await this.#call('list secrets', list, listOf(secretShape))
    return items
  }

  async createSecret(namespace: string, body: V1Secret): Promise<void> {
    await this.#call('create secret', ({ core }) => core.createNamespacedSecret({ namespace, body }))
  }

  async patchSecret(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#call('patch secret', ({ core, merge }) =>
      core.patchNamespacedSecret({ namespace, name, body }, merge)
    )
  }

  /** In order also when it is not there. */
  async deleteSecret(namespace: string, name: string): Promise<void> {
    await orAbsent(
      this.#call('delete secret', ({ core }) => core.deleteNamespacedSecret({ namespace, name }))
    )
  }

  /** In order also when it is there. */
  async createServiceAccount(namespace: string, body: V1ServiceAccount): Promise<void> {
    try {
      await this.#call('create serviceaccount', ({ core }) =>
        core.createNamespacedServiceAccount({ namespace, body })
      )
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.code !== 'AlreadyExists') throw error
    }
  }

  async patchServiceAccount(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#call('patch serviceaccount', ({ core, merge }) =>
      core.patchNamespacedServiceAccount({ namespace, name, body }, merge)
    )
  }

  async patchDeployment(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#call('patch deployment', ({ apps, merge }) =>
      apps.patchNamespacedDeployment({ namespace, name, body }, merge)
    )
  }

  /** A token as the webhook projects it into the pod. Seconds to live: 600, the least Kubernetes gives. */
  async token(namespace: string, serviceAccount: string, audience: string): Promise<string> {
    const spec = { audiences: [audience], expirationSeconds: 600 }
    const create = ({ core }: Apis): Promise<unknown> =>
      core.createNamespacedServiceAccountToken({ namespace, name: serviceAccount, body: { spec } })
    const answer = await this.#call('create serviceaccounts/token', create, tokenShape)
    return (answer as z.infer<typeof tokenShape>).status.token
  }

  /** Which of `rights` the login lacks. */
  async missing(rights: readonly ResourceRight[]): Promise<ResourceRight[]> {
    const allowed = await Promise.all(
      rights.map(async (right) => {
        const spec = { resourceAttributes: right }
        const create = ({ authorization }: Apis): Promise<unknown> =>
          authorization.createSelfSubjectAccessReview({ body: { spec } })
        const answer = await this.#call('create selfsubjectaccessreviews', create, reviewShape)
        return (answer as z.infer<typeof reviewShape>).status.allowed
      })
    )
    return rights.filter((_, index) => !allowed[index])
  }

  /** What a Service answers, by way of the API server. @param service `https:name:port` */
  throughService(namespace: string, service: string, path: string): Promise<unknown> {
    return this.#call('get services/proxy', ({ core }) =>
      core.connectGetNamespacedServiceProxyWithPath({ namespace, name: service, path })
    )
  }

  /** All objects of a kind, of one namespace or of the whole cluster; a page at a time goes to `each`. */
  async listObjects(
    kind: ObjectKind,
    namespace: string | undefined,
    each: (item: unknown) => void
  ): Promise<void> {
    for (let next: string | undefined = ''; next !== undefined;) {
      const page = { limit: 200, ...(next === '' ? {} : { _continue: next }) }
      const answer: unknown = await this.#call(`list ${kind.plural}`, ({ custom }) =>
        namespace === undefined
          ? custom.listCustomObjectForAllNamespaces({ ...plain(kind), resourcePlural: kind.plural, ...page })
          : custom.listNamespacedCustomObject({ ...kind, namespace, ...page })
      )
      const { items, metadata } = recordOf(answer)
      if (!Array.isArray(items)) throw new UnexpectedReply('Kubernetes', `list ${kind.plural}`, 'no items')
      items.forEach(each)
      const { continue: token } = recordOf(metadata)
      next = typeof token === 'string' && token !== '' ? token : undefined
    }
  }

  /** By pages: a large cluster has thousands. */
  async #workloads(plural: string, namespace: string | undefined): Promise<V1Deployment[]> {
    const found: V1Deployment[] = []
    await this.listObjects({ group: 'apps', version: 'v1', plural }, namespace, (item) => {
      found.push(checked(`list ${plural}`, deploymentShape, item as V1Deployment))
    })
    return found
  }

  /** undefined when it, or its kind, does not exist. */
  object(kind: ObjectKind, namespace: string, name: string): Promise<unknown> {
    return orAbsent(
      this.#call<unknown>(`get ${kind.plural}`, ({ custom }) =>
        custom.getNamespacedCustomObject({ ...kind, namespace, name })
      )
    )
  }

  async createObject(kind: ObjectKind, namespace: string, body: object): Promise<void> {
    await this.#call(`create ${kind.plural}`, ({ custom }) =>
      custom.createNamespacedCustomObject({ ...kind, namespace, body })
    )
  }

  /** @param body a merge patch */
  async patchObject(kind: ObjectKind, namespace: string, name: string, body: object): Promise<void> {
    await this.#call(`patch ${kind.plural}`, ({ custom, merge }) =>
      custom.patchNamespacedCustomObject({ ...kind, namespace, name, body }, merge)
    )
  }

  /** In order also when it is not there. */
  async deleteObject(kind: ObjectKind, namespace: string, name: string): Promise<void> {
    await orAbsent(
      this.#call<unknown>(`delete ${kind.plural}`, ({ custom }) =>
        custom.deleteNamespacedCustomObject({ ...kind, namespace, name })
      )
    )
  }

  async #call<T>(what: string, call: (apis: Apis) => Promise<T>, shape?: z.ZodMiniType): Promise<T> {
    const apis = await (this.#apis ??= this.#connect())
    return patiently(this.#wire.patience, async () => {
      const started = performance.now()
      try {
        const answer = await call(apis)
        this.#wire.debug(`${what} on ${apis.host}: done in ${Math.round(performance.now() - started)} ms`)
        return shape ? checked(what, shape, answer) : answer
      } catch (error) {
        const problem = error instanceof UnexpectedReply ? error : fromClient(error, what, apis.host)
        this.#wire.debug(`${what} on ${apis.host}: ${problem.message.slice(0, 200)}`)
        throw problem
      }
    })
  }

  async #connect(): Promise<Apis> {
    const [yaml, kubernetes] = await Promise.all([this.#kubeconfig(), import('./sdk.ts')])
    const config = new kubernetes.KubeConfig()
    const server = loaded(config, yaml, this.#wire.proxyFor)
    await this.#logIn(config)
    const configuration = kubernetes.createConfiguration({
      baseServer: new kubernetes.ServerConfiguration(server, {}),
      authMethods: { default: config },
      promiseMiddleware: [guardedRequests(this.#wire)]
    })
    return {
      core: new kubernetes.CoreV1Api(configuration),
      apps: new kubernetes.AppsV1Api(configuration),
      authorization: new kubernetes.AuthorizationV1Api(configuration),
      custom: new kubernetes.CustomObjectsApi(configuration),
      merge: kubernetes.setHeaderOptions('Content-Type', kubernetes.PatchStrategy.MergePatch),
      host: new URL(server).host
    }
  }

  /**
   * An Entra cluster's kubeconfig asks for the kubelogin plugin. The plugin only fetches a token that this run can
   * fetch itself, so the user is given that token instead (Azure/kubelogin, concepts/aks).
   */
  async #logIn(config: KubeConfig): Promise<void> {
    const user = config.getCurrentUser()
    if (user?.exec === undefined && user?.authProvider === undefined) return
    const token = await this.#entraToken()
    config.users = config.users.map((one) => (one.name === user.name ? { name: one.name, token } : one))
  }
}

function plain({ group, version }: ObjectKind): Pick<ObjectKind, 'group' | 'version'> {
  return { group, version }
}

/**
 * Reads the kubeconfig, and adds what the environment says: trust, where the kubeconfig brings none, and the proxy.
 *
 * @returns the server of its current context. @throws {Problem} when it cannot be used.
 */
function loaded(config: KubeConfig, yaml: string, proxyFor: Wire['proxyFor']): string {
  try {
    config.loadFromString(yaml)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new Problem(
      {
        what: `The kubeconfig cannot be read: ${safe(text, 200)}`,
        remedy: 'give a whole kubeconfig, as YAML'
      },
      { cause: error }
    )
  }
  const current = config.getCurrentCluster()
  if (!URL.canParse(current?.server ?? '')) {
    throw new Problem({
      what: 'The kubeconfig has no current cluster.',
      remedy: 'set its current-context: kubectl config use-context <name>'
    })
  }
  const { name, server, caData, caFile, proxyUrl } = current as Cluster
  const proxy = proxyUrl ?? proxyFor(server)
  const ca = caData ?? (caFile === undefined ? trusted() : undefined)
  config.clusters = config.clusters.map((one) =>
    one.name === name
      ? {
          ...one,
          ...(ca === undefined ? {} : { caData: ca }),
          ...(proxy === undefined ? {} : { proxyUrl: proxy })
        }
      : one
  )
  return server
}

/** What Node trusts, NODE_EXTRA_CA_CERTS included. */
function trusted(): string {
  return Buffer.from(getCACertificates('default').join('\n')).toString('base64')
}

/** The client's ApiException as ours. */
function fromClient(error: unknown, what: string, host: string): Problem {
  const { code, body, headers, cause, name, message } = recordOf(error)
  if (cause instanceof Problem) return cause
  // The client's own words for a body that it cannot read; a failed fetch is a TypeError with a cause.
  if (name === 'SyntaxError' || (name === 'TypeError' && cause === undefined))
    return new UnexpectedReply('Kubernetes', what, safe(String(message), 120))
  // A DOMException, which a time limit throws, has a number of its own.
  if (typeof code !== 'number' || error instanceof DOMException)
    return new Unreachable('Kubernetes', what, host, error)
  const status = recordOf(typeof body === 'string' ? parsed(body) : body)
  return new HttpProblem({
    plane: 'Kubernetes',
    request: what,
    status: code,
    code: typeof status['reason'] === 'string' ? safe(status['reason'], 60) : undefined,
    detail: typeof status['message'] === 'string' ? safe(status['message']) : '',
    retryAfter: retryAfterOf(recordOf(headers)['retry-after'])
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
