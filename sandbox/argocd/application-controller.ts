/**
 * argocd-application-controller: compares each Application of Argo CD's namespace when it is new or changed, when the
 * refresh annotation asks for it, and now and then by itself. Those last polls keep quiet about a repository that
 * cannot be read for a while (argo-cd #16085). Nothing runs while there are no Applications.
 */
import { kindOf, type Kind, type KubeObject } from '../kubernetes/objects.ts'
import type { Store } from '../kubernetes/store.ts'
import { WorkQueue } from '../kubernetes/work-queue.ts'
import { compared, invalid, unreadable, type Status } from './application-status.ts'
import type { ArgoConditions } from './conditions.ts'
import { Repositories } from './credentials.ts'
import type { Installed } from './manifests.ts'
import { specProblems, type ApplicationSpec, type ProjectSpec } from './projects.ts'
import type { RepoServers } from './repo-server.ts'
import { syncOwnManifests } from './self-management.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const PROJECTS = kindOf('argoproj.io', 'appprojects') as Kind
const SECRETS = kindOf('', 'secrets') as Kind
const CONFIGMAPS = kindOf('', 'configmaps') as Kind
const REFRESH = 'argocd.argoproj.io/refresh'
/** timeout.reconciliation, in ms. */
const POLL = 120_000
/** ARGOCD_REPO_ERROR_GRACE_PERIOD_SECONDS, in ms. */
const GRACE = 180_000
/** The state of the Application of a self-managed Argo CD. */
const OWN_REVISION = '5b2c1d7e9f0a4b3c8d6e7f1a2b3c4d5e6f708192'

export interface Surroundings {
  readonly store: Store
  readonly installed: () => readonly Installed[]
  readonly conditions: ArgoConditions
  readonly repoServers: RepoServers
}

export class ApplicationController {
  readonly #around: Surroundings
  readonly #queue = new WorkQueue()
  readonly #busy = new Set<string>()
  /** Generation that was compared last, by uid. */
  readonly #seen = new Map<string, number>()
  /** When a poll first could not read the repository, by uid. */
  readonly #failing = new Map<string, number>()
  /** Manifests at hand, as in Redis: file names by Application, source and revision. They outlive the repo-server. */
  readonly #manifests = new Map<string, readonly string[]>()
  #timer: NodeJS.Timeout | undefined

  constructor(around: Surroundings) {
    this.#around = around
    around.store.watch(({ type, kind, object }) => {
      if (kind !== APPLICATIONS) return
      if (type === 'DELETED') this.#rest()
      else this.#consider(object)
    })
  }

  stop(): void {
    this.#queue.stop()
    for (const map of [this.#seen, this.#failing, this.#manifests]) map.clear()
    this.#busy.clear()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** What the timer does: everything once more, nobody having asked. */
  async poll(): Promise<void> {
    for (const { metadata } of this.#around.store.list(APPLICATIONS))
      await this.#reconcile(metadata.namespace ?? '', metadata.name, false)
  }

  #consider({ metadata }: KubeObject): void {
    const { namespace = '', name, uid = '', generation, annotations, deletionTimestamp } = metadata
    if (!this.#installedIn(namespace)) return
    if (deletionTimestamp !== undefined) {
      this.#queue.soon(`${namespace}/${name}/finalize`, 5, () => {
        this.#finalize(namespace, name)
      })
      return
    }
    this.#timer ??= setInterval(() => void this.poll(), POLL).unref()
    if (annotations?.[REFRESH] === undefined && this.#seen.get(uid) === generation) return
    if (this.#busy.has(uid)) return
    this.#queue.soon(`${namespace}/${name}`, 5, () => void this.#reconcile(namespace, name, true))
  }

  /** Its own finalizers only; the twin applied nothing that would have to go first. */
  #finalize(namespace: string, name: string): void {
    const { store, conditions } = this.#around
    const found = store.find(APPLICATIONS, namespace, name)
    if (!found || conditions.controller === 'off') return
    const finalizers = (found.metadata.finalizers ?? []).filter((one) => !one.includes('argocd.argoproj.io'))
    store.update(APPLICATIONS, found, { ...found, metadata: { ...found.metadata, finalizers } })
  }

  #rest(): void {
    if (this.#around.store.list(APPLICATIONS).length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #installedIn(namespace: string): Installed | undefined {
    return this.#around.installed().find(({ install }) => install.namespace === namespace)
  }

  async #reconcile(namespace: string, name: string, requested: boolean): Promise<void> {
    const { store, conditions } = this.#around
    const application = store.find(APPLICATIONS, namespace, name)
    const installed = this.#installedIn(namespace)
    const uid = application?.metadata.uid ?? ''
    if (!application || !installed || conditions.controller === 'off' || this.#busy.has(uid)) return
    this.#busy.add(uid)
    this.#seen.set(uid, application.metadata.generation ?? 0)
    const status = await this.#compared(application, installed, requested)
    const fresh = store.find(APPLICATIONS, namespace, name)
    if (fresh?.metadata.uid !== uid) return
    if (status && fresh.metadata.deletionTimestamp === undefined) {
      const annotations = { ...fresh.metadata.annotations }
      Reflect.deleteProperty(annotations, REFRESH)
      store.update(APPLICATIONS, fresh, { ...fresh, metadata: { ...fresh.metadata, annotations }, status })
    }
    this.#busy.delete(uid)
    // A change of the spec meanwhile counts; a refresh asked for meanwhile is lost, as in Argo CD.
    const after = store.find(APPLICATIONS, namespace, name)
    if (after) this.#consider(after)
  }

  /** undefined: no result yet. */
  async #compared(
    application: KubeObject,
    installed: Installed,
    requested: boolean
  ): Promise<Status | undefined> {
    const { store } = this.#around
    const { namespace } = installed.install
    const before = (application.status ?? {}) as Status
    const spec = (application.spec ?? {}) as ApplicationSpec
    const { project = 'default' } = spec
    const repositories = new Repositories(store.list(SECRETS, namespace))
    const problems = specProblems(
      spec,
      store.find(PROJECTS, namespace, project)?.spec as ProjectSpec | undefined,
      { scopedUrls: repositories.urlsOf(project), inCluster: inClusterEnabled(store, namespace) }
    )
    if (problems.length > 0) return invalid(before, problems)
    if (installed.install.selfManaged !== undefined && application.metadata.name === 'argocd') {
      syncOwnManifests(store, installed, application)
      return { ...compared(before, spec, namespace, { revision: OWN_REVISION, files: [] }) }
    }
    const uid = application.metadata.uid ?? ''
    try {
      const target = await this.#target(application, spec, installed, repositories)
      this.#failing.delete(uid)
      return compared(before, spec, namespace, target)
    } catch (error) {
      const since = this.#failing.get(uid) ?? Date.now()
      this.#failing.set(uid, since)
      if (!requested && Date.now() - since <= GRACE) return undefined
      const text = error instanceof Error ? error.message : String(error)
      return unreadable(before, spec, namespace, `Failed to load target state: ${text}`)
    }
  }

  async #target(
    { metadata }: KubeObject,
    { source, project = 'default' }: ApplicationSpec,
    installed: Installed,
    repositories: Repositories
  ): Promise<{ revision: string; files: readonly string[] }> {
    if (!source) throw new Error('application has no source')
    const credentials = orThrow(`failed to get repo "${source.repoURL}"`, () =>
      repositories.credentialsFor(source.repoURL, project)
    )
    const hard = metadata.annotations?.[REFRESH] === 'hard'
    const key = (revision: string): string => JSON.stringify([metadata.uid, source, revision])
    const known = (revision: string): boolean => !hard && this.#manifests.has(key(revision))
    try {
      const { revision, files } = await this.#around.repoServers.read(installed, source, credentials, known)
      if (files) this.#manifests.set(key(revision), files)
      return { revision, files: files ?? this.#manifests.get(key(revision)) ?? [] }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      throw new Error(`failed to generate manifest for source 1 of 1: ${text}`, { cause: error })
    }
  }
}

function orThrow<T>(where: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function inClusterEnabled(store: Store, namespace: string): boolean {
  const data = store.find(CONFIGMAPS, namespace, 'argocd-cm')?.['data'] as Record<string, string> | undefined
  return data?.['cluster.inClusterEnabled'] !== 'false'
}
