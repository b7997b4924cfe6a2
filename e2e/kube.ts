/** A plain JSON client for a Kubernetes API, the real one or the twin. */
import { readFile } from 'node:fs/promises'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { KubeObject } from '../sandbox/kubernetes/objects.ts'

export interface Reply {
  readonly status: number
  readonly body: unknown
}

export interface Credentials {
  readonly server: string
  /** PEM of the trusted certificate. */
  readonly ca: string
  readonly token: string
}

/** Identifies an object: group and version, plural, namespace, name. */
export interface Place {
  readonly apiVersion: string
  readonly resource: string
  readonly namespace?: string | undefined
  readonly name?: string
}

export const MERGE = 'application/merge-patch+json'
const APPLY = 'application/apply-patch+yaml'
/** Kinds in the manifests with an irregular plural or without a namespace. */
const PLURALS: Readonly<Record<string, string>> = { NetworkPolicy: 'networkpolicies' }
const CLUSTER_WIDE = new Set([
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'MutatingWebhookConfiguration'
])

export class Kube {
  readonly server: string
  readonly #options: () => Promise<RequestOptions>

  private constructor(server: string, options: () => Promise<RequestOptions>) {
    this.server = server
    this.#options = options
  }

  static of({ server, ca, token }: Credentials): Kube {
    return new Kube(server, () => Promise.resolve({ ca, headers: { authorization: `Bearer ${token}` } }))
  }

  /** With the login of the kubeconfig. */
  static async from(file: string): Promise<{ kube: Kube; ca: string }> {
    const config = new KubeConfig()
    config.loadFromString(await readFile(file, 'utf8'))
    const cluster = config.getCurrentCluster()
    if (!cluster) throw new Error(`${file} has no current cluster`)
    const ca =
      cluster.caFile === undefined
        ? Buffer.from(cluster.caData ?? '', 'base64').toString('utf8')
        : await readFile(cluster.caFile, 'utf8')
    const options = async (): Promise<RequestOptions> => {
      const made: RequestOptions = {}
      await config.applyToHTTPSOptions(made as Parameters<KubeConfig['applyToHTTPSOptions']>[0])
      return made
    }
    return { kube: new Kube(cluster.server, options), ca }
  }

  async request(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Reply> {
    const options = await this.#options()
    const text = body === undefined ? undefined : JSON.stringify(body)
    // Node sets the length itself, except for DELETE.
    const sized = { 'content-type': type, 'content-length': String(Buffer.byteLength(text ?? '')) }
    const headers = { accept: 'application/json', ...(text === undefined ? {} : sized) }
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(
        new URL(path, this.server),
        { ...options, method, timeout: 30_000, headers: { ...(options.headers as object), ...headers } },
        (response) => {
          let answer = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
          response.on('error', reject).on('end', () => {
            const json = response.headers['content-type']?.startsWith('application/json') === true
            resolve({
              status: response.statusCode ?? 0,
              body: json ? (JSON.parse(answer) as unknown) : answer
            })
          })
        }
      )
      sent.on('error', reject).on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)))
      sent.end(text)
    })
  }

  /** @throws {Error} when it does not exist. */
  async get<T = KubeObject>(place: Place): Promise<T> {
    return this.#good<T>('GET', pathOf(place))
  }

  async find<T = KubeObject>(place: Place): Promise<T | undefined> {
    const { status, body } = await this.request('GET', pathOf(place))
    return status === 200 ? (body as T) : undefined
  }

  async list<T = KubeObject>(place: Omit<Place, 'name'>, labelSelector = ''): Promise<T[]> {
    const query = labelSelector === '' ? '' : `?labelSelector=${encodeURIComponent(labelSelector)}`
    const { items } = await this.#good<{ items: T[] }>('GET', pathOf(place) + query)
    return items
  }

  create(object: KubeObject): Promise<KubeObject> {
    const { apiVersion, resource, namespace } = placeOf(object)
    return this.#good('POST', pathOf({ apiVersion, resource, namespace }), object)
  }

  /** Server-side apply, which is idempotent. */
  apply(object: KubeObject): Promise<KubeObject> {
    return this.#good('PATCH', `${pathOf(placeOf(object))}?fieldManager=e2e&force=true`, object, APPLY)
  }

  merge(place: Place, patch: unknown, subresource = ''): Promise<KubeObject> {
    return this.#good('PATCH', pathOf(place) + subresource, patch, MERGE)
  }

  put(place: Place, object: KubeObject): Promise<KubeObject> {
    return this.#good('PUT', pathOf(place), object)
  }

  /** Succeeds when it does not exist. */
  async remove(place: Place): Promise<void> {
    const path = pathOf(place)
    const { status, body } = await this.request('DELETE', path)
    if (status >= 300 && status !== 404) throw new Error(`DELETE ${path}: ${status} ${JSON.stringify(body)}`)
  }

  /** A service account's token. */
  async token(namespace: string, name: string, audiences: readonly string[] = []): Promise<string> {
    const path = `${pathOf({ apiVersion: 'v1', resource: 'serviceaccounts', namespace, name })}/token`
    const { status } = await this.#good<{ status: { token: string } }>('POST', path, {
      spec: { audiences, expirationSeconds: 3600 }
    })
    return status.token
  }

  async #good<T>(method: string, path: string, body?: unknown, type?: string): Promise<T> {
    const reply = await this.request(method, path, body, type)
    if (reply.status < 300) return reply.body as T
    throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
  }
}

export function pathOf({ apiVersion, resource, namespace, name }: Place): string {
  const parts = [
    apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`,
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    resource,
    ...(name === undefined ? [] : [name])
  ]
  return parts.join('/')
}

function placeOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): Place {
  const resource = PLURALS[kind] ?? `${kind.toLowerCase()}s`
  return { apiVersion, resource, name, ...(CLUSTER_WIDE.has(kind) ? {} : { namespace }) }
}
