/** `Changes` in a real cluster: what people do to the Secrets of one repository, and to the pods of the repo-server. */
import type { V1Secret } from '@kubernetes/client-node'
import type { Changes, Fields } from '../__tests__/situations/hands.ts'
import { FAKE_PAT } from '../sandbox/kubernetes/defects.ts'
import type { KubeObject } from '../sandbox/kubernetes/objects.ts'
import { NAMESPACE, restarted } from './argocd.ts'
import { environment } from './defects.ts'
import type { Kube, Place } from './kube.ts'
import type { World } from './world.ts'

const TYPE = 'argocd.argoproj.io/secret-type'
type RepositorySecret = V1Secret & KubeObject

export class RealHands implements Changes {
  readonly url: string
  readonly #world: World
  readonly #isOurs: (url: string) => boolean
  readonly #undone: (() => Promise<void>)[] = []
  /** The rows of the table change one thing after the other without waiting; here, each change is a request. */
  #doing: Promise<void> = Promise.resolve()

  /** @param isOurs by its URL: whether a Secret is one that the rows may change */
  constructor(world: World, url: string, isOurs: (of: string) => boolean) {
    this.#world = world
    this.url = url
    this.#isOurs = isOurs
  }

  /** Once all changes so far are made. */
  async done(): Promise<void> {
    await this.#doing
  }

  /** Keeps the Secrets as they are now. @returns puts them back, and takes every other change back */
  async keep(): Promise<() => Promise<void>> {
    const before = await this.#secrets()
    return async () => {
      await this.done()
      for (const undo of this.#undone.splice(0).toReversed()) await undo()
      for (const one of await this.#secrets()) await this.#kube.remove(placeOf(one))
      for (const one of before) {
        await this.#kube.remove(placeOf(one))
        await this.#kube.create(copyOf(one))
      }
    }
  }

  write(type: string, fields: Fields): void {
    this.#each(type, async (secret) => {
      const data = Object.entries(fields).map(([key, value]) => [key, value === '-' ? null : encoded(value)])
      await this.#kube.merge(placeOf(secret), { data: Object.fromEntries(data) as unknown })
    })
  }

  create(type: string, stringData: Fields, name = 'by-hand'): void {
    this.#do(async () => {
      const own = `${name}-${this.url.split('/').at(-1) ?? ''}`
      const metadata = { name: own, namespace: NAMESPACE, labels: { [TYPE]: type } }
      await this.#kube.create({ apiVersion: 'v1', kind: 'Secret', metadata, stringData })
      this.#undone.push(() => this.#kube.remove(placeOf({ metadata })))
    })
  }

  mark(type: string, change: Parameters<Changes['mark']>[1]): void {
    this.#each(type, async (secret) => {
      const metadata = { ...secret.metadata, ...change(secret.metadata) }
      await this.#kube.put(placeOf(secret), { ...secret, metadata })
    })
  }

  remove(type: string): void {
    this.#each(type, (secret) => this.#kube.remove(placeOf(secret)))
  }

  replace(type: string, name?: string): void {
    this.#each(type, async (secret) => {
      await this.#kube.remove(placeOf(secret))
      const { labels = {} } = secret.metadata
      const metadata = { name: name ?? secret.metadata.name, namespace: NAMESPACE, labels }
      await this.#kube.create({ ...copyOf(secret), metadata })
      this.#undone.push(() => this.#kube.remove(placeOf({ metadata })))
    })
  }

  environment(variables: Fields): void {
    this.#do(async () => {
      const undo = await environment(variables)(this.#world)
      if (undo) this.#undone.push(undo)
    })
  }

  restart(): void {
    this.#do(() => restarted(this.#kube))
  }

  defect(name: string): void {
    const { origin, pathname } = new URL(this.url)
    const organization = `${origin}/${pathname.split('/')[1] ?? ''}`
    if (name === 'template-pat-org') {
      this.create(
        'repo-creds',
        { url: organization, username: 'someone', password: FAKE_PAT },
        'template-pat'
      )
    } else if (name === 'template-wide') {
      this.create('repo-creds', { url: 'https://', useAzureWorkloadIdentity: 'true' }, 'template-wide')
    } else if (name === 'secret-in-other-namespace') {
      this.#each('repository', async (secret) => {
        await this.#kube.remove(placeOf(secret))
        const { name: called, labels = {} } = secret.metadata
        const metadata = { name: called, namespace: 'default', labels }
        await this.#kube.create({ ...copyOf(secret), metadata })
        this.#undone.push(() => this.#kube.remove(placeOf({ metadata })))
      })
    } else throw new RangeError(`no defect ${name} for a real cluster`)
  }

  get #kube(): Kube {
    return this.#world.kube
  }

  #do(change: () => Promise<void>): void {
    this.#doing = this.#doing.then(change)
  }

  #each(type: string, change: (secret: RepositorySecret) => Promise<void>): void {
    this.#do(async () => {
      for (const one of await this.#secrets()) if (one.metadata.labels?.[TYPE] === type) await change(one)
    })
  }

  async #secrets(): Promise<RepositorySecret[]> {
    const place = { apiVersion: 'v1', resource: 'secrets', namespace: NAMESPACE }
    const all = await this.#kube.list<RepositorySecret>(place, TYPE)
    return all.filter(({ data }) => this.#isOurs(Buffer.from(data?.['url'] ?? '', 'base64').toString('utf8')))
  }
}

function placeOf({ metadata }: Pick<KubeObject, 'metadata'>): Place {
  const { name, namespace = NAMESPACE } = metadata
  return { apiVersion: 'v1', resource: 'secrets', namespace, name }
}

/** Without what the API server gave it. */
function copyOf({ metadata, data = {} }: RepositorySecret): KubeObject {
  const { name, namespace, labels = {}, annotations = {} } = metadata
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels, annotations, ...(namespace === undefined ? {} : { namespace }) },
    data
  }
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}
