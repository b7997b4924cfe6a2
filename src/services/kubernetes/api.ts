/** The calls of the Kubernetes API that Patless makes; the official client behind them is loaded on first use. */
import type * as z from 'zod/mini'
import type { V1Deployment, V1Pod, V1Secret, V1Service, V1ServiceAccount } from '@kubernetes/client-node'
import { mapBounded } from '../../core/concurrency.ts'
import { credentialsIn } from '../../core/text.ts'
import { HttpProblem, safe, UnexpectedReply } from '../../http/errors.ts'
import { orAbsent, type Wire } from '../../http/request.ts'
import type { Credentials, Kubeconfig } from './kubeconfig.ts'
import { logInToCluster, type Apis } from './login.ts'
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
import { Transport, type Page } from './transport.ts'

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

export class Kubernetes {
  readonly #kubeconfig: () => Promise<Kubeconfig>
  readonly #credentials: Credentials
  readonly #wire: Wire
  readonly #transport: Transport

  constructor(kubeconfig: () => Promise<Kubeconfig>, credentials: Credentials, wire: Wire) {
    this.#kubeconfig = kubeconfig
    this.#credentials = credentials
    this.#wire = wire
    this.#transport = new Transport((read) => logInToCluster(kubeconfig, credentials, wire, read), wire)
  }

  /** The same API for the last words of a run that is being stopped. */
  outlasting(): Kubernetes {
    if (!this.#wire.policy.signal.aborted) return this
    const signal = AbortSignal.timeout(LAST_WORDS)
    const policy = { ...this.#wire.policy, deadline: Date.now() + LAST_WORDS, signal }
    return new Kubernetes(this.#kubeconfig, this.#credentials, { ...this.#wire, policy })
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
    return this.#transport.all('list services', list, listOf(serviceShape))
  }

  /** Whether there is one; what is in it is not looked at. */
  async hasConfigMap(namespace: string, name: string): Promise<boolean> {
    const read = ({ core }: Apis): Promise<unknown> =>
      core.readNamespacedConfigMap(named({ namespace, name }))
    return (await orAbsent(this.#transport.call('get configmaps', read))) !== undefined
  }

  deployment(namespace: string, name: string): Promise<V1Deployment> {
    const read = ({ apps }: Apis): Promise<V1Deployment> =>
      apps.readNamespacedDeployment(named({ namespace, name }))
    return this.#transport.call('get deployment', read, deploymentShape)
  }

  serviceAccount(namespace: string, name: string): Promise<V1ServiceAccount | undefined> {
    const read = ({ core }: Apis): Promise<V1ServiceAccount> =>
      core.readNamespacedServiceAccount(named({ namespace, name }))
    return orAbsent(this.#transport.call('get serviceaccount', read, serviceAccountShape))
  }

  async pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<V1Pod[]> {
    const labelSelector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',')
    const list = ({ core }: Apis, page: Page): Promise<{ items: V1Pod[] }> =>
      core.listNamespacedPod(named({ namespace, labelSelector, ...page }))
    return this.#transport.all('list pods', list, listOf(podShape))
  }

  /** Secrets that Argo CD reads as repositories or credential templates. */
  async argoSecrets(namespace: string): Promise<V1Secret[]> {
    const labelSelector = 'argocd.argoproj.io/secret-type in (repository,repo-creds)'
    const list = ({ core }: Apis, page: Page): Promise<{ items: V1Secret[] }> =>
      core.listNamespacedSecret(named({ namespace, labelSelector, ...page }))
    const found = await this.#transport.all('list secrets', list, listOf(secretShape))
    for (const { data } of found)
      this.maskCredentials(Buffer.from(data?.['url'] ?? '', 'base64').toString('utf8'))
    return found
  }

  async createSecret(namespace: string, body: V1Secret): Promise<void> {
    await this.#transport.call('create secret', ({ core }) =>
      core.createNamespacedSecret(named({ namespace, body }))
    )
  }

  async patchSecret(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#transport.call('patch secret', ({ core, merge }) =>
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
    await this.#transport.call('patch secret', ({ core, merge }) =>
      core.patchNamespacedSecret(named({ namespace, name, body, fieldManager: BOOKKEEPER }), merge)
    )
  }

  /** In order also when it is not there. @throws {HttpProblem} 409 when it is not the one that was read. */
  async deleteSecret(namespace: string, name: string, preconditions: Version): Promise<void> {
    await orAbsent(
      this.#transport.call('delete secret', ({ core }) =>
        core.deleteNamespacedSecret(named({ namespace, name, body: { preconditions } }))
      )
    )
  }

  /** In order also when it is there. */
  async createServiceAccount(namespace: string, body: V1ServiceAccount): Promise<void> {
    try {
      await this.#transport.call('create serviceaccount', ({ core }) =>
        core.createNamespacedServiceAccount(named({ namespace, body }))
      )
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.code !== 'AlreadyExists') throw error
    }
  }

  async patchServiceAccount(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#transport.call('patch serviceaccount', ({ core, merge }) =>
      core.patchNamespacedServiceAccount(named({ namespace, name, body }), merge)
    )
  }

  async patchDeployment(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#transport.call('patch deployment', ({ apps, merge }) =>
      apps.patchNamespacedDeployment(named({ namespace, name, body }), merge)
    )
  }

  /** A token as the webhook projects it into the pod. Seconds to live: 600, the least Kubernetes gives. */
  async token(namespace: string, serviceAccount: string, audience: string): Promise<string> {
    const spec = { audiences: [audience], expirationSeconds: 600 }
    const create = ({ core }: Apis): Promise<unknown> =>
      core.createNamespacedServiceAccountToken(named({ namespace, name: serviceAccount, body: { spec } }))
    const answer = await this.#transport.call('create serviceaccounts/token', create, tokenShape)
    return (answer as z.infer<typeof tokenShape>).status.token
  }

  /** Which of `rights` the login lacks. */
  async missing(rights: readonly ResourceRight[]): Promise<ResourceRight[]> {
    const allowed = await mapBounded(rights, async (right) => {
      const spec = { resourceAttributes: right }
      const create = ({ authorization }: Apis): Promise<unknown> =>
        authorization.createSelfSubjectAccessReview({ body: { spec } })
      const answer = await this.#transport.call('create selfsubjectaccessreviews', create, reviewShape)
      return (answer as z.infer<typeof reviewShape>).status.allowed
    })
    return rights.filter((_, index) => !allowed[index])
  }

  /** What a Service answers, by way of the API server. @param service `https:name:port` */
  throughService(namespace: string, service: string, path: string): Promise<unknown> {
    return this.#transport.call('get services/proxy', ({ core }) =>
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
    await this.#transport.pages(`list ${kind.plural}`, list, undefined, each)
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
      this.#transport.call<unknown>(`get ${kind.plural}`, ({ custom }) =>
        custom.getNamespacedCustomObject(named({ ...kind, namespace, name }))
      )
    )
  }

  /** @returns what the server made of it */
  createObject(kind: ObjectKind, namespace: string, body: object): Promise<unknown> {
    return this.#transport.call<unknown>(`create ${kind.plural}`, ({ custom }) =>
      custom.createNamespacedCustomObject(named({ ...kind, namespace, body }))
    )
  }

  /** @param body a merge patch */
  async patchObject(kind: ObjectKind, namespace: string, name: string, body: object): Promise<void> {
    await this.#transport.call(`patch ${kind.plural}`, ({ custom, merge }) =>
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
      this.#transport.call<unknown>(`delete ${kind.plural}`, ({ custom }) =>
        custom.deleteNamespacedCustomObject(named({ ...kind, namespace, name, body: { preconditions } }))
      )
    )
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
