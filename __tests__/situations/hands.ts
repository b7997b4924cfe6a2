/** What hands do to the twin's cluster between two runs, and what its Argo CD then says. */
import type { V1Container, V1Deployment, V1Pod } from '@kubernetes/client-node'
import { setTimeout as sleep } from 'node:timers/promises'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import type { Twin } from '../../sandbox/twin.ts'

const kind = (group: string, resource: string): Kind => kindOf(group, resource) as Kind
const SECRETS = kind('', 'secrets')
const PODS = kind('', 'pods')
const CONFIGMAPS = kind('', 'configmaps')
const ACCOUNTS = kind('', 'serviceaccounts')
const DEPLOYMENTS = kind('apps', 'deployments')
const APPLICATIONS = kind('argoproj.io', 'applications')
const PROJECTS = kind('argoproj.io', 'appprojects')
export const TYPE = 'argocd.argoproj.io/secret-type'
const HOME = 'argocd'
const NAME = 'situation'
const RESTARTED = 'kubectl.kubernetes.io/restartedAt'
const REFRESH = 'argocd.argoproj.io/refresh'

export type Fields = Readonly<Record<string, string>>

/** What people do to the Secrets of a repository and to the pods, in the twin's cluster or in a real one. */
export interface Changes {
  readonly url: string
  /** Into every Secret of the type; '-' removes a key. */
  write(type: string, fields: Fields): void
  create(type: string, stringData: Fields): void
  mark(
    type: string,
    change: (metadata: Pick<KubeObject['metadata'], 'labels' | 'annotations'>) => object
  ): void
  remove(type: string): unknown
  /** The same content by somebody else, in the place of what is there. */
  replace(type: string, name?: string): void
  environment(variables: Fields): void | Promise<void>
  restart(): void | Promise<void>
  /** A change that the twin knows by this name. */
  defect(name: string): void
}

export class Hands implements Changes {
  readonly world: { readonly twin: Twin }
  constructor(world: { readonly twin: Twin }) {
    this.world = world
  }

  get store() {
    return this.world.twin.kubernetes.store
  }

  get url(): string {
    return this.world.twin.azure.ids.repositoryUrl
  }

  defect(name: string): void {
    this.world.twin.defect(name)
  }

  secrets(type: string): KubeObject[] {
    return this.store.list(SECRETS, HOME).filter(({ metadata }) => metadata.labels?.[TYPE] === type)
  }

  write(type: 'repository' | 'repo-creds', fields: Fields): void {
    for (const one of this.secrets(type)) {
      const data = { ...(one['data'] as Record<string, string>) }
      for (const [key, value] of Object.entries(fields)) {
        if (value === '-') Reflect.deleteProperty(data, key)
        else data[key] = Buffer.from(value).toString('base64')
      }
      this.store.update(SECRETS, one, { ...one, data })
    }
  }

  create(type: string, stringData: Fields, name = 'by-hand', namespace = HOME): void {
    const metadata = { name, labels: { [TYPE]: type } }
    this.store.create(SECRETS, namespace, { apiVersion: '', kind: 'Secret', metadata, stringData })
  }

  mark(type: string, change: Parameters<Changes['mark']>[1]): void {
    for (const one of this.secrets(type))
      this.store.update(SECRETS, one, { ...one, metadata: { ...one.metadata, ...change(one.metadata) } })
  }

  remove(type: string): KubeObject[] {
    const gone = this.secrets(type)
    for (const { metadata } of gone) this.store.remove(SECRETS, HOME, metadata.name)
    return gone
  }

  replace(type: string, name?: string): void {
    for (const { metadata, ...rest } of this.remove(type))
      this.store.create(SECRETS, HOME, {
        ...rest,
        metadata: { name: name ?? metadata.name, labels: { ...metadata.labels } }
      })
  }

  config(name: string, data: Fields): void {
    const before = this.store.get(CONFIGMAPS, HOME, name)
    this.store.update(CONFIGMAPS, before, { ...before, data })
  }

  project(spec: object): void {
    const before = this.store.get(PROJECTS, HOME, 'default')
    this.store.update(PROJECTS, before, { ...before, spec: { ...(before.spec as object), ...spec } })
  }

  /** Its name depends on the install. */
  repoServer(): KubeObject & V1Deployment {
    const found = this.store
      .list(DEPLOYMENTS, HOME)
      .find(({ metadata }) => metadata.name.endsWith('repo-server'))
    if (!found) throw new Error('there is no repo-server')
    return found as KubeObject & V1Deployment
  }

  /** Of the repo-server's pods, rolled out. */
  async containers(change: (containers: V1Container[]) => V1Container[]): Promise<void> {
    const before = this.repoServer()
    const after = structuredClone(before)
    const spec = after.spec?.template.spec
    if (spec) spec.containers = change(spec.containers)
    this.store.update(DEPLOYMENTS, before, after)
    await this.rolledOut()
  }

  environment(variables: Fields): Promise<void> {
    const env = Object.entries(variables).map(([name, value]) => ({ name, value }))
    return this.containers((all) =>
      all.map((one) =>
        one.name === 'argocd-repo-server' ? { ...one, env: [...(one.env ?? []), ...env] } : one
      )
    )
  }

  async restart(settled = true): Promise<void> {
    const before = this.repoServer()
    const after = structuredClone(before)
    const { metadata } = after.spec?.template ?? {}
    // As `kubectl rollout restart` does.
    if (metadata) metadata.annotations = { ...metadata.annotations, [RESTARTED]: String(Math.random()) }
    this.store.update(DEPLOYMENTS, before, after)
    if (settled) await this.rolledOut()
    else await sleep(60)
  }

  async rolledOut(): Promise<void> {
    for (const until = Date.now() + 3_000; Date.now() < until;) {
      await sleep(10)
      const { metadata, spec, status } = this.repoServer()
      if (status?.observedGeneration !== metadata.generation) continue
      const all = [status?.replicas, status?.readyReplicas, status?.updatedReplicas]
      if (all.every((one) => one === spec?.replicas)) return
      if (status?.conditions?.some(({ type }) => type === 'ReplicaFailure')) return
    }
  }

  /** As if all that had been done an hour ago. */
  letTimePass(): void {
    for (const which of [SECRETS, ACCOUNTS, DEPLOYMENTS, PODS])
      for (const one of this.store.list(which, HOME)) this.store.age(which, one)
  }

  application(spec: object = {}, annotations: Fields = {}, name = NAME, namespace = HOME): void {
    this.store.create(APPLICATIONS, namespace, {
      apiVersion: '',
      kind: 'Application',
      metadata: { name, annotations: { ...annotations } },
      spec: {
        project: 'default',
        source: { repoURL: this.url, path: 'deploy', targetRevision: 'HEAD' },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
        ...spec
      }
    })
  }

  /** What Argo CD says of the Application, once it has compared it; undefined: it does not look at it. */
  async said(within = 1_500): Promise<string | undefined> {
    for (const until = Date.now() + within; Date.now() < until;) {
      const found = this.store.find(APPLICATIONS, HOME, NAME)
      const status = found?.status as { conditions?: { message: string }[] } | undefined
      if (status && found?.metadata.annotations?.[REFRESH] === undefined)
        return status.conditions?.[0]?.message ?? ''
      await sleep(5)
    }
    return undefined
  }

  async refreshed(within?: number): Promise<string | undefined> {
    const found = this.store.find(APPLICATIONS, HOME, NAME)
    if (!found) return undefined
    const metadata = {
      ...found.metadata,
      annotations: { ...found.metadata.annotations, [REFRESH]: 'hard' }
    }
    this.store.update(APPLICATIONS, found, { ...found, metadata })
    return this.said(within)
  }

  podsOf(): (KubeObject & V1Pod)[] {
    return this.store.list(PODS, HOME) as (KubeObject & V1Pod)[]
  }
}
