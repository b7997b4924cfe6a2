/** The calls of the Kubernetes API that Patless makes; the official client is loaded on first use. */
import type * as z from 'zod/mini'
import type { V1Deployment, V1Pod, V1Secret, V1Service, V1ServiceAccount } from '@kubernetes/client-node'
import { mapBounded } from '../../core/concurrency.ts'
import { credentialsIn } from '../../core/text.ts'
import { HttpProblem } from '../../http/errors.ts'
import { orAbsent, type Wire } from '../../http/request.ts'
import type { Credentials, Kubeconfig } from './kubeconfig.ts'
import { logInToCluster, type Apis } from './login.ts'
import { BOOKKEEPER } from './changed.ts'
import { READING, secretsIn, type SecretSelection } from './secrets.ts'
import type { Version } from './marks.ts'
import { withValidNames } from './names.ts'
import { Reach } from './reach.ts'
import { ClusterReads } from './reads.ts'
import {
  checkReply,
  deploymentShape,
  listOf,
  podShape,
  reviewShape,
  secretShape,
  serviceAccountShape,
  serviceShape,
  tokenShape
} from './shapes.ts'
import { Transport, type Leaves, type Page, type Unreached } from './transport.ts'

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

/** How long a cancelled run may still clean up, in ms. Runners wait for some seconds before they kill the process. */
const CLEANUP = 4_000

export class Kubernetes {
  readonly #kubeconfig: () => Promise<Kubeconfig>
  readonly #credentials: Credentials
  readonly #wire: Wire
  readonly #transport: Transport
  readonly #unreached: Unreached | undefined
  /** How the API server is reached. */
  readonly reach: Reach
  /** Reads that only a diagnosis needs. */
  readonly reads: ClusterReads

  /** @param unreached why its API server cannot be reached from here, as far as that is known */
  constructor(
    kubeconfig: () => Promise<Kubeconfig>,
    credentials: Credentials,
    wire: Wire,
    unreached?: Unreached,
    reach = new Reach()
  ) {
    this.#kubeconfig = kubeconfig
    this.#credentials = credentials
    this.#wire = wire
    this.#unreached = unreached
    this.reach = reach
    const connect = (read: { bytes: number }): Promise<Apis> =>
      reach.byCommands(wire) ?? logInToCluster(kubeconfig, credentials, wire, read)
    const leaves: Leaves = (host, problem) => reach.leaves(host, problem, wire)
    this.#transport = new Transport(connect, wire, unreached, leaves)
    this.reads = new ClusterReads(this.#transport, (url) => {
      this.maskCredentials(url)
    })
  }

  /** The same API, usable for the cleanup of a cancelled run. */
  outlasting(): Kubernetes {
    if (!this.#wire.policy.signal.aborted) return this
    const signal = AbortSignal.timeout(CLEANUP)
    const policy = { ...this.#wire.policy, deadline: Date.now() + CLEANUP, signal }
    const wire = { ...this.#wire, policy }
    return new Kubernetes(this.#kubeconfig, this.#credentials, wire, this.#unreached, this.reach)
  }

  /** All Deployments of one namespace, or of the whole cluster. */
  deployments(namespace: string | undefined): Promise<V1Deployment[]> {
    return this.#workloads('deployments', namespace)
  }

  /** All StatefulSets of a namespace, typed as Deployments because Patless reads the same fields of both. */
  statefulSets(namespace: string): Promise<V1Deployment[]> {
    return this.#workloads('statefulsets', namespace)
  }

  async services(namespace: string): Promise<V1Service[]> {
    const list = ({ core }: Apis, page: Page): Promise<{ items: V1Service[] }> =>
      core.listNamespacedService(withValidNames({ namespace, ...page }))
    return this.#transport.all('list services', list, listOf(serviceShape))
  }

  /** Whether the ConfigMap exists; its content is ignored. */
  async hasConfigMap(namespace: string, name: string): Promise<boolean> {
    const read = ({ core }: Apis): Promise<unknown> =>
      core.readNamespacedConfigMap(withValidNames({ namespace, name }))
    return (await orAbsent(this.#transport.call('get configmaps', read))) !== undefined
  }

  deployment(namespace: string, name: string): Promise<V1Deployment> {
    const read = ({ apps }: Apis): Promise<V1Deployment> =>
      apps.readNamespacedDeployment(withValidNames({ namespace, name }))
    return this.#transport.call('get deployment', read, deploymentShape)
  }

  serviceAccount(namespace: string, name: string): Promise<V1ServiceAccount | undefined> {
    const read = ({ core }: Apis): Promise<V1ServiceAccount> =>
      core.readNamespacedServiceAccount(withValidNames({ namespace, name }))
    return orAbsent(this.#transport.call('get serviceaccount', read, serviceAccountShape))
  }

  async pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<V1Pod[]> {
    const labelSelector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',')
    const list = ({ core }: Apis, page: Page): Promise<{ items: V1Pod[] }> =>
      core.listNamespacedPod(withValidNames({ namespace, labelSelector, ...page }))
    return this.#transport.all('list pods', list, listOf(podShape))
  }

  /** Secrets of a namespace: those of repositories, unless another selection is given. Their credentials are masked. */
  async argoSecrets(namespace: string, selection: SecretSelection = READING): Promise<V1Secret[]> {
    const list = ({ core }: Apis, page: Page): Promise<{ items: V1Secret[] }> =>
      core.listNamespacedSecret(withValidNames({ namespace, ...selection, ...page }))
    const found = await this.#transport.all('list secrets', list, listOf(secretShape))
    for (const secret of found) this.mask(secret)
    return found
  }

  async createSecret(namespace: string, body: V1Secret): Promise<void> {
    await this.#transport.call('create secret', ({ core }) =>
      core.createNamespacedSecret(withValidNames({ namespace, body }))
    )
  }

  async patchSecret(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#transport.call('patch secret', ({ core, merge }) =>
      core.patchNamespacedSecret(withValidNames({ namespace, name, body }), merge)
    )
  }

  /** A note on a Secret, apart from what it is changed for. @throws {HttpProblem} 409 when it has changed since it was read. */
  async noteOnSecret(
    namespace: string,
    name: string,
    { resourceVersion }: Pick<Version, 'resourceVersion'>,
    annotations: Readonly<Record<string, string>>
  ): Promise<void> {
    const body = { metadata: { resourceVersion, annotations } }
    await this.#transport.call('patch secret', ({ core, merge }) =>
      core.patchNamespacedSecret(withValidNames({ namespace, name, body, fieldManager: BOOKKEEPER }), merge)
    )
  }

  /** Succeeds when it is already gone. @throws {HttpProblem} 409 when it has changed since it was read. */
  async deleteSecret(namespace: string, name: string, preconditions: Version): Promise<void> {
    await orAbsent(
      this.#transport.call('delete secret', ({ core }) =>
        core.deleteNamespacedSecret(withValidNames({ namespace, name, body: { preconditions } }))
      )
    )
  }

  /** Succeeds when it already exists. */
  async createServiceAccount(namespace: string, body: V1ServiceAccount): Promise<void> {
    try {
      await this.#transport.call('create serviceaccount', ({ core }) =>
        core.createNamespacedServiceAccount(withValidNames({ namespace, body }))
      )
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.code !== 'AlreadyExists') throw error
    }
  }

  async patchServiceAccount(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#transport.call('patch serviceaccount', ({ core, merge }) =>
      core.patchNamespacedServiceAccount(withValidNames({ namespace, name, body }), merge)
    )
  }

  async patchDeployment(namespace: string, name: string, body: unknown): Promise<void> {
    await this.#transport.call('patch deployment', ({ apps, merge }) =>
      apps.patchNamespacedDeployment(withValidNames({ namespace, name, body }), merge)
    )
  }

  /** A token like the one that the webhook projects into the pod; it lives 600 s, the minimum in Kubernetes. */
  async token(namespace: string, serviceAccount: string, audience: string): Promise<string> {
    const spec = { audiences: [audience], expirationSeconds: 600 }
    const create = ({ core }: Apis): Promise<unknown> =>
      core.createNamespacedServiceAccountToken(
        withValidNames({ namespace, name: serviceAccount, body: { spec } })
      )
    const answer = await this.#transport.call('create serviceaccounts/token', create, tokenShape)
    return (answer as z.infer<typeof tokenShape>).status.token
  }

  /** Those of `rights` that the login is missing. */
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

  /** Masks the values of a Secret of Argo CD before anything can print them. */
  mask(secret: Pick<V1Secret, 'metadata' | 'data'>): void {
    for (const one of secretsIn(secret)) this.#credentials.mask(one)
  }

  /** Masks the credentials in a URL from the cluster before anything can print it. */
  maskCredentials(url: string): void {
    for (const secret of credentialsIn(url)) this.#credentials.mask(secret)
  }

  /** Passes all objects of a kind, in one namespace or the whole cluster, to `each`, page by page. */
  async listObjects(
    kind: ObjectKind,
    namespace: string | undefined,
    each: (item: unknown) => void
  ): Promise<void> {
    const list = ({ custom }: Apis, page: Page): Promise<unknown> =>
      namespace === undefined
        ? custom.listCustomObjectForAllNamespaces({
            group: kind.group,
            version: kind.version,
            resourcePlural: kind.plural,
            ...page
          })
        : custom.listNamespacedCustomObject(withValidNames({ ...kind, namespace, ...page }))
    await this.#transport.pages(`list ${kind.plural}`, list, undefined, each)
  }

  /** Page by page: a large cluster has thousands. */
  async #workloads(plural: string, namespace: string | undefined): Promise<V1Deployment[]> {
    const found: V1Deployment[] = []
    await this.listObjects({ group: 'apps', version: 'v1', plural }, namespace, (item) => {
      found.push(checkReply(`list ${plural}`, deploymentShape, item as V1Deployment))
    })
    return found
  }

  /** undefined when the object or its kind does not exist. */
  object(kind: ObjectKind, namespace: string, name: string): Promise<unknown> {
    return orAbsent(
      this.#transport.call<unknown>(`get ${kind.plural}`, ({ custom }) =>
        custom.getNamespacedCustomObject(withValidNames({ ...kind, namespace, name }))
      )
    )
  }

  /** @returns the object as the server stored it */
  createObject(kind: ObjectKind, namespace: string, body: object): Promise<unknown> {
    return this.#transport.call<unknown>(`create ${kind.plural}`, ({ custom }) =>
      custom.createNamespacedCustomObject(withValidNames({ ...kind, namespace, body }))
    )
  }

  /** @param body a merge patch */
  async patchObject(kind: ObjectKind, namespace: string, name: string, body: object): Promise<void> {
    await this.#transport.call(`patch ${kind.plural}`, ({ custom, merge }) =>
      custom.patchNamespacedCustomObject(withValidNames({ ...kind, namespace, name, body }), merge)
    )
  }

  /** Succeeds when it is already gone. @throws {HttpProblem} 409 when it has changed since it was read. */
  async deleteObject(
    kind: ObjectKind,
    namespace: string,
    name: string,
    preconditions: Version
  ): Promise<void> {
    await orAbsent(
      this.#transport.call<unknown>(`delete ${kind.plural}`, ({ custom }) =>
        custom.deleteNamespacedCustomObject(
          withValidNames({ ...kind, namespace, name, body: { preconditions } })
        )
      )
    )
  }
}
