/** The Kubernetes API, by the official client; loaded on first use, since it is the largest part of the bundle. */
import type * as z from 'zod/mini'
import type {
  CoreV1Api,
  AppsV1Api,
  AuthorizationV1Api,
  CustomObjectsApi,
  ConfigurationOptions,
  V1Deployment,
  V1Pod,
  V1Secret,
  V1Service,
  V1ServiceAccount
} from '@kubernetes/client-node'
import { mapBounded } from '../../core/concurrency.ts'
import { credentialsIn } from '../../core/text.ts'
import {
  LARGEST_LIST,
  LONGEST_PAGE_TOKEN,
  MOST_PAGES,
  orAbsent,
  recordOf,
  type Wire
} from '../../http/request.ts'
import { fromClient } from './failures.ts'
import { guardedRequests } from './guard.ts'
import { accessBy, type Credentials, type Kubeconfig } from './kubeconfig.ts'
import { BOOKKEEPER } from './changed.ts'
import type { Version } from './marks.ts'
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
import { assertTimeLeft, patiently } from '../../http/retry.ts'
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

/** Objects of one page of a list. */
const PAGE = 200
interface Page {
  readonly limit: number
  readonly _continue?: string
}

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
  readonly #kubeconfig: () => Promise<Kubeconfig>
  readonly #credentials: Credentials
  readonly #wire: Wire
  /** Of all answers so far. */
  readonly #read = { bytes: 0 }
  #apis: Promise<Apis> | undefined

  constructor(kubeconfig: () => Promise<Kubeconfig>, credentials: Credentials, wire: Wire) {
    this.#kubeconfig = kubeconfig
    this.#credentials = credentials
    this.#wire = wire
  }

  /** The same API for the last words of a run that is being stopped. */
  outlasting(): Kubernetes {
    if (!this.#wire.patience.signal.aborted) return this
    const signal = AbortSignal.timeout(LAST_WORDS)
    const patience = { ...this.#wire.patience, deadline: Date.now() + LAST_WORDS, signal }
    return new Kubernetes(this.#kubeconfig, this.#credentials, { ...this.#wire, patience })
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
    const list = ({ core }: Apis, page: Page): Promise<{ items: V1Service[] }> =>
      core.listNamespacedService(named({ namespace, ...page }))
    return this.#all('list services', list, listOf(serviceShape))
  }

  /** Whether there is one; what is in it is not looked at. */
  async hasConfigMap(namespace: string, name: string): Promise<boolean> {
    const read = ({ core }: Apis): Promise<unknown> =>
      core.readNamespacedConfigMap(named({ namespace, name }))
    return (await orAbsent(this.#call('get configmaps', read))) !== undefined
  }

  deployment(namespace: string, name: string): Promise<V1Deployment> {
    const read = ({ apps }: Apis): Promise<V1Deployment> =>
      apps.readNamespacedDeployment(named({ namespace, name }))
    return this.#call('get deployment', read, deploymentShape)
  }

  serviceAccount(namespace: string, name: string): Promise<V1ServiceAccount | undefined> {
    const read = ({ core }: Apis): Promise<V1ServiceAccount> =>
      core.readNamespacedServiceAccount(named({ namespace, name }))
    return orAbsent(this.#call('get serviceaccount', read, serviceAccountShape))
  }

  async pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<V1Pod[]> {
    const labelSelector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',')
    const list = ({ core }: Apis, page: Page): Promise<{ items: V1Pod[] }> =>
      core.listNamespacedPod(named({ namespace, labelSelector, ...page }))
    return this.#all('list pods', list, listOf(podShape))
  }

  /** Secrets that Argo CD reads as repositories or credential templates. */
  async argoSecrets(namespace: string): Promise<V1Secret[]> {
    const labelSelector = 'argocd.argoproj.io/secret-type in (repository,repo-creds)'
    const list = ({ core }: Apis, page: Page): Promise<{ items: V1Secret[] }> =>
      core.listNamespacedSecret(named({ namespace, labelSelector, ...page }))
    const found = await this.#all('list secrets', list, listOf(secretShape))
    for (const { data } of found)
      this.maskCredentials(Buffer.from(data?.['url'] ?? '', 'base64').toString('utf8'))
    return found
  }

  async createSecret(namespace: string, body: V1Secret): Promise<void> {
    await this.#call('create secret', ({ core }) => core.createNamespacedSecret(named({ namespace, body })))
  }

  async patchSecret(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#call('patch secret', ({ core, merge }) =>
      core.patchNamespacedSecret(named({ namespace, name, body }), merge)
    )
  }

  /** A note on a Secret, apart from what it is changed for. @throws {HttpProblem} 409 when it is not the one that was read */
  async noteOnSecret(
    namespace: string,
    name: string,
    { resourceVersion }: Pick<Version, 'resourceVersion'>,
    annotations: Readonly<Record<string, string>>
  ): Promise<void> {
    const body = { metadata: { resourceVersion, annotations } }
    await this.#call('patch secret', ({ core, merge }) =>
      core.patchNamespacedSecret(named({ namespace, name, body, fieldManager: BOOKKEEPER }), merge)
    )
  }

  /** In order also when it is not there. @throws {HttpProblem} 409 when it is not the one that was read. */
  async deleteSecret(namespace: string, name: string, preconditions: Version): Promise<void> {
    await orAbsent(
      this.#call('delete secret', ({ core }) =>
        core.deleteNamespacedSecret(named({ namespace, name, body: { preconditions } }))
      )
    )
  }

  /** In order also when it is there. */
  async createServiceAccount(namespace: string, body: V1ServiceAccount): Promise<void> {
    try {
      await this.#call('create serviceaccount', ({ core }) =>
        core.createNamespacedServiceAccount(named({ namespace, body }))
      )
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.code !== 'AlreadyExists') throw error
    }
  }

  async patchServiceAccount(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#call('patch serviceaccount', ({ core, merge }) =>
      core.patchNamespacedServiceAccount(named({ namespace, name, body }), merge)
    )
  }

  async patchDeployment(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#call('patch deployment', ({ apps, merge }) =>
      apps.patchNamespacedDeployment(named({ namespace, name, body }), merge)
    )
  }

  /** A token as the webhook projects it into the pod. Seconds to live: 600, the least Kubernetes gives. */
  async token(namespace: string, serviceAccount: string, audience: string): Promise<string> {
    const spec = { audiences: [audience], expirationSeconds: 600 }
    const create = ({ core }: Apis): Promise<unknown> =>
      core.createNamespacedServiceAccountToken(named({ namespace, name: serviceAccount, body: { spec } }))
    const answer = await this.#call('create serviceaccounts/token', create, tokenShape)
    return (answer as z.infer<typeof tokenShape>).status.token
  }

  /** Which of `rights` the login lacks. */
  async missing(rights: readonly ResourceRight[]): Promise<ResourceRight[]> {
    const allowed = await mapBounded(rights, async (right) => {
      const spec = { resourceAttributes: right }
      const create = ({ authorization }: Apis): Promise<unknown> =>
        authorization.createSelfSubjectAccessReview({ body: { spec } })
      const answer = await this.#call('create selfsubjectaccessreviews', create, reviewShape)
      return (answer as z.infer<typeof reviewShape>).status.allowed
    })
    return rights.filter((_, index) => !allowed[index])
  }

  /** What a Service answers, by way of the API server. @param service `https:name:port` */
  throughService(namespace: string, service: string, path: string): Promise<unknown> {
    return this.#call('get services/proxy', ({ core }) =>
      core.connectGetNamespacedServiceProxyWithPath(named({ namespace, name: service, path }))
    )
  }

  /** Of a URL from the cluster, before anything of it can be printed. */
  maskCredentials(url: string): void {
    for (const secret of credentialsIn(url)) this.#credentials.mask(secret)
  }

  /** All objects of a kind, of one namespace or of the whole cluster; a page at a time goes to `each`. */
  async listObjects(
    kind: ObjectKind,
    namespace: string | undefined,
    each: (item: unknown) => void
  ): Promise<void> {
    const list = ({ custom }: Apis, page: Page): Promise<unknown> =>
      namespace === undefined
        ? custom.listCustomObjectForAllNamespaces({ ...plain(kind), resourcePlural: kind.plural, ...page })
        : custom.listNamespacedCustomObject(named({ ...kind, namespace, ...page }))
    await this.#pages(`list ${kind.plural}`, list, undefined, each)
  }

  async #all<T>(
    what: string,
    list: (apis: Apis, page: Page) => Promise<{ items: T[] }>,
    shape: z.ZodMiniType
  ): Promise<T[]> {
    const found: T[] = []
    await this.#pages(what, list, shape, (item) => found.push(item as T))
    return found
  }

  /** Page after page, as long as there is time: a list that does not end is an error. */
  async #pages(
    what: string,
    list: (apis: Apis, page: Page) => Promise<unknown>,
    shape: z.ZodMiniType | undefined,
    each: (item: unknown) => void
  ): Promise<void> {
    const before = this.#read.bytes
    for (let [pages, next] = [1, undefined as string | undefined]; ; pages += 1) {
      const page = { limit: PAGE, ...(next === undefined ? {} : { _continue: next }) }
      const answer = await this.#call(what, (apis) => list(apis, page), shape)
      const { items, metadata } = recordOf(answer)
      if (!Array.isArray(items)) throw new UnexpectedReply('Kubernetes', what, 'no items')
      items.forEach(each)
      // Models say `_continue`.
      const { continue: plainly, _continue: token = plainly } = recordOf(metadata)
      if (typeof token !== 'string' || token === '') return
      const endless = pages >= MOST_PAGES || this.#read.bytes - before > LARGEST_LIST
      if (endless || token === next || token.length > LONGEST_PAGE_TOKEN)
        throw new UnexpectedReply('Kubernetes', what, 'the list does not end')
      next = token
      assertTimeLeft(
        this.#wire.patience,
        () => new Unreachable('Kubernetes', what, 'the cluster', new Error('out of time'))
      )
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
        custom.getNamespacedCustomObject(named({ ...kind, namespace, name }))
      )
    )
  }

  /** @returns what the server made of it */
  createObject(kind: ObjectKind, namespace: string, body: object): Promise<unknown> {
    return this.#call<unknown>(`create ${kind.plural}`, ({ custom }) =>
      custom.createNamespacedCustomObject(named({ ...kind, namespace, body }))
    )
  }

  /** @param body a merge patch */
  async patchObject(kind: ObjectKind, namespace: string, name: string, body: object): Promise<void> {
    await this.#call(`patch ${kind.plural}`, ({ custom, merge }) =>
      custom.patchNamespacedCustomObject(named({ ...kind, namespace, name, body }), merge)
    )
  }

  /** In order also when it is not there. @throws {HttpProblem} 409 when it is not the one that was read. */
  async deleteObject(
    kind: ObjectKind,
    namespace: string,
    name: string,
    preconditions: Version
  ): Promise<void> {
    await orAbsent(
      this.#call<unknown>(`delete ${kind.plural}`, ({ custom }) =>
        custom.deleteNamespacedCustomObject(named({ ...kind, namespace, name, body: { preconditions } }))
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
    const [kubeconfig, kubernetes] = await Promise.all([this.#kubeconfig(), import('./sdk.ts')])
    const { cluster, user } = await accessBy(kubeconfig, kubernetes.load, this.#credentials, this.#wire)
    const { server } = cluster
    const config = new kubernetes.KubeConfig()
    config.loadFromClusterAndUser(cluster, user)
    const configuration = kubernetes.createConfiguration({
      baseServer: new kubernetes.ServerConfiguration(server, {}),
      authMethods: { default: config },
      promiseMiddleware: [guardedRequests(new URL(server).origin, this.#wire, this.#read)]
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
}

function plain({ group, version }: ObjectKind): Pick<ObjectKind, 'group' | 'version'> {
  return { group, version }
}

/** The client puts names into paths as they come, and some come from annotations: `..` would be another path. */
function named<T extends { readonly namespace?: string; readonly name?: string }>(parameters: T): T {
  for (const one of [parameters.namespace, parameters.name]) {
    if (one !== undefined && !NAME.test(one))
      throw new UnexpectedReply('Kubernetes', 'a request', `a name that is none: ${safe(one, 60)}`)
  }
  return parameters
}

/** Of objects, and of ports behind a Service (`https:name:443`). */
const NAME = /^(?!\.{1,2}$)[\w.:-]{1,300}$/
