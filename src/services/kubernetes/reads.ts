/** Reads that only a diagnosis or an audit needs: nothing of it is asked by a run in order. */
import type { V1Secret } from '@kubernetes/client-node'
import { orAbsent, recordOf } from '../../http/request.ts'
import type { Apis } from './login.ts'
import { withValidNames } from './names.ts'
import { listOf, secretShape } from './shapes.ts'
import type { Page, Transport } from './transport.ts'

/** Argo CD's label with a value for repositories, or with one that Argo CD does not know. */
const LIKE_REPOSITORIES =
  'argocd.argoproj.io/secret-type,argocd.argoproj.io/secret-type notin (cluster,repository-write,repo-write-creds,scm-creds)'

export class ClusterReads {
  readonly #transport: Transport
  readonly #mask: (url: string) => void
  constructor(transport: Transport, mask: (url: string) => void) {
    this.#transport = transport
    this.#mask = mask
  }

  /** Names of the keys of a Secret; its values are not looked at. undefined: there is no such Secret. */
  async secretKeys(namespace: string, name: string): Promise<string[] | undefined> {
    const read = ({ core }: Apis): Promise<V1Secret> =>
      core.readNamespacedSecret(withValidNames({ namespace, name }))
    const found = await orAbsent(this.#transport.call('get secret', read, secretShape))
    return found && Object.keys(found.data ?? {})
  }

  /** The texts of a ConfigMap; undefined: there is none. */
  async configuration(namespace: string, name: string): Promise<Record<string, string> | undefined> {
    const read = ({ core }: Apis): Promise<unknown> =>
      core.readNamespacedConfigMap(withValidNames({ namespace, name }))
    const found = await orAbsent(this.#transport.call('get configmaps', read))
    if (found === undefined) return undefined
    const texts = Object.entries(recordOf(recordOf(found)['data'])).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string'
    )
    for (const [, text] of texts)
      for (const url of text.match(/https?:\/\/[^\s"'<>]{1,500}/gi) ?? []) this.#mask(url)
    return Object.fromEntries(texts)
  }

  /** Passes every Secret that says it is a repository, rightly or not, to `each`: its place, label and URL. */
  async secretOutlines(
    each: (outline: { namespace: string; name: string; label: string | undefined; url: string }) => void,
    namespace: string
  ): Promise<void> {
    const list = ({ core }: Apis, page: Page): Promise<{ items: V1Secret[] }> =>
      core.listNamespacedSecret(withValidNames({ namespace, labelSelector: LIKE_REPOSITORIES, ...page }))
    for (const { metadata, data } of await this.#transport.all('list secrets', list, listOf(secretShape))) {
      const url = Buffer.from(data?.['url'] ?? '', 'base64').toString('utf8')
      if (url === '') continue
      this.#mask(url)
      const label = metadata?.labels?.['argocd.argoproj.io/secret-type']
      each({ namespace, name: metadata?.name ?? '', label, url })
    }
  }

  /** Passes all service accounts or events of a namespace to `each`, page by page. */
  async listCore(
    plural: 'serviceaccounts' | 'events',
    namespace: string,
    each: (item: unknown) => void
  ): Promise<void> {
    const list = ({ core }: Apis, page: Page): Promise<unknown> =>
      plural === 'events'
        ? core.listNamespacedEvent(withValidNames({ namespace, ...page }))
        : core.listNamespacedServiceAccount(withValidNames({ namespace, ...page }))
    await this.#transport.pages(`list ${plural}`, list, undefined, each)
  }
}
