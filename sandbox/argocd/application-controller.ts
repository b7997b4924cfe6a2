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
import { Repositories, type Login } from './credentials.ts'
import { parseBool } from './secret-fields.ts'
import type { Installed } from './manifests.ts'
import {
  glob,
  sourcesOf,
  specProblems,
  type ApplicationSpec,
  type ProjectSpec,
  type Source
} from './projects.ts'
import { Processors } from './processors.ts'
import type { RepoServers } from './repo-server.ts'
import { syncOwnManifests } from './self-management.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const PROJECTS = kindOf('argoproj.io', 'appprojects') as Kind
const SECRETS = kindOf('', 'secrets') as Kind
const CONFIGMAPS = kindOf('', 'configmaps') as Kind
const STATEFUL_SETS = kindOf('apps', 'statefulsets') as Kind
const REFRESH = 'argocd.argoproj.io/refresh'
/** On an Application, or on a cluster Secret and so on all that goes there: nothing of it is looked at. */
const SKIP = 'argocd.argoproj.io/skip-reconcile'
/** What the comparison of this Application ends in, whatever it reads: texts of parts that the twin does not have. */
const SAYS = 'twin.example/says'
/** timeout.reconciliation, in ms. */
const POLL = 120_000
/** ARGOCD_REPO_ERROR_GRACE_PERIOD_SECONDS, in ms. */
const GRACE = 180_000
/** --status-processors: how many Applications are compared at a time. */
const STATUS_PROCESSORS = 20
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
  readonly #processors = new Processors(STATUS_PROCESSORS)
  readonly #busy = new Set<string>()
  /** Generation that was compared last, by uid. */
  readonly #seen = new Map<string, number>()
  /** When a poll first could not read the repository, by uid. */
  readonly #failing = new Map<string, number>()
  /** Manifests at hand, as in Redis: file names by Application, source and revision. They outlive the repo-server. */
  readonly #manifests = new Map<string, readonly string[]>()
  /** The Secrets of a namespace as they were parsed last: thousands of Applications read the same. */
  readonly #repositories = new Map<string, { readonly revision: number; readonly parsed: Repositories }>()
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
    this.#processors.stop()
    for (const map of [this.#seen, this.#failing, this.#manifests, this.#repositories]) map.clear()
    this.#busy.clear()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** How many Applications are being compared, or wait for it. */
  get busy(): number {
    return this.#processors.busy
  }

  /**
   * What the timer does: everything once more, nobody having asked.
   *
   * @param refs `kept`: so soon after the last one that Redis still has the refs
   */
  async poll(refs: 'kept' | 'expired' = 'expired'): Promise<void> {
    if (refs === 'expired') this.#around.repoServers.expireRefs()
    for (const { metadata } of this.#around.store.list(APPLICATIONS))
      await this.#reconcile(metadata.namespace ?? '', metadata.name, false)
  }

  #consider(application: KubeObject): void {
    const { metadata } = application
    const { namespace = '', name, uid = '', generation, annotations, deletionTimestamp } = metadata
    if (!this.#serving(application)) return
    if (deletionTimestamp !== undefined) {
      this.#queue.soon(`${namespace}/${name}/finalize`, 5, () => {
        this.#finalize(namespace, name)
      })
      return
    }
    this.#timer ??= setInterval(() => void this.poll(), POLL).unref()
    if (annotations?.[REFRESH] === undefined && this.#seen.get(uid) === generation) return
    if (this.#busy.has(uid)) return
    this.#queue.soon(`${namespace}/${name}`, 5, () => {
      void this.#processors.run(() => this.#reconcile(namespace, name, true))
    })
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

  /** The Argo CD whose controller works on it; undefined when none does (canProcessApp). */
  #serving({ metadata, spec }: KubeObject): Installed | undefined {
    const { namespace = '', annotations = {} } = metadata
    const { destination = {} } = (spec ?? {}) as ApplicationSpec
    if (parseBool(annotations[SKIP] ?? '') === true) return undefined
    return this.#around.installed().find(({ install }) => {
      const watched = namespace === install.namespace || this.#watches(install.namespace, namespace)
      return watched && this.#runs(install) && !this.#ignores(install.namespace, destination.server ?? '')
    })
  }

  /** `application.namespaces` (--application-namespaces): globs, by comma. */
  #watches(home: string, namespace: string): boolean {
    const config = this.#around.store.find(CONFIGMAPS, home, 'argocd-cmd-params-cm')
    const { 'application.namespaces': list = '' } = (config?.['data'] ?? {}) as Record<string, string>
    return list.split(',').some((pattern) => pattern.trim() !== '' && glob(pattern.trim(), namespace, ''))
  }

  #runs({ namespace, prefix }: Installed['install']): boolean {
    const set = this.#around.store.find(STATEFUL_SETS, namespace, `${prefix}-application-controller`)
    return ((set?.spec ?? {}) as { replicas?: number }).replicas !== 0
  }

  #ignores(home: string, server: string): boolean {
    return this.#around.store.list(SECRETS, home).some(({ metadata, data }) => {
      if (metadata.labels?.['argocd.argoproj.io/secret-type'] !== 'cluster') return false
      const of = Buffer.from(
        (data as Record<string, string> | undefined)?.['server'] ?? '',
        'base64'
      ).toString()
      return of === server && parseBool(metadata.annotations?.[SKIP] ?? '') === true
    })
  }

  async #reconcile(namespace: string, name: string, requested: boolean): Promise<void> {
    const { store, conditions } = this.#around
    const application = store.find(APPLICATIONS, namespace, name)
    const installed = application && this.#serving(application)
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
    const repositories = this.#repositoriesOf(installed)
    const projectSpec = store.find(PROJECTS, namespace, project)?.spec as ProjectSpec | undefined
    const home = application.metadata.namespace ?? ''
    if (home !== namespace && projectSpec?.sourceNamespaces?.some((one) => glob(one, home, '')) !== true) {
      const message = `application '${application.metadata.name}' in namespace '${home}' is not allowed to use project '${project}'`
      return invalid(before, [{ type: 'InvalidSpecError', message }])
    }
    const problems = specProblems(spec, projectSpec, {
      scopedUrls: repositories.urlsOf(project),
      inCluster: inClusterEnabled(store, namespace)
    })
    if (problems.length > 0) return invalid(before, problems)
    if (installed.install.selfManaged !== undefined && application.metadata.name === 'argocd') {
      syncOwnManifests(store, installed, application)
      return { ...compared(before, spec, namespace, [{ revision: OWN_REVISION, files: [] }]) }
    }
    const uid = application.metadata.uid ?? ''
    try {
      const said = application.metadata.annotations?.[SAYS]
      if (said !== undefined) return unreadable(before, spec, namespace, said)
      const compares = { spec, installed, repositories, requested }
      const targets = await this.#targets(application, compares)
      this.#failing.delete(uid)
      return compared(before, spec, namespace, targets)
    } catch (error) {
      const since = this.#failing.get(uid) ?? Date.now()
      this.#failing.set(uid, since)
      if (!requested && Date.now() - since <= GRACE) return undefined
      const text = error instanceof Error ? error.message : String(error)
      return unreadable(before, spec, namespace, `Failed to load target state: ${text}`)
    }
  }

  #repositoriesOf({ install: { namespace, version } }: Installed): Repositories {
    const { store } = this.#around
    const revision = store.revision(SECRETS)
    const key = `${namespace} ${version}`
    const known = this.#repositories.get(key)
    if (known?.revision === revision) return known.parsed
    const parsed = new Repositories(store.list(SECRETS, namespace), version)
    this.#repositories.set(key, { revision, parsed })
    return parsed
  }

  /** One source after the other; the first that fails is what is told. */
  async #targets(application: KubeObject, compares: Compares): Promise<Target[]> {
    compares.repositories.assertListable()
    const { spec } = compares
    const sources = sourcesOf(spec)
    const { project = 'default' } = spec
    const logins = sources.map(({ repoURL }) =>
      orThrow(`failed to get repo "${repoURL}"`, () => compares.repositories.loginFor(repoURL, project))
    )
    const targets: Target[] = []
    for (const [at, source] of sources.entries()) {
      const login = logins[at]
      if (!login) continue
      try {
        targets.push(await this.#target(application, source, login, compares))
      } catch (error) {
        const where = `failed to generate manifest for source ${at + 1} of ${sources.length}`
        const text = error instanceof Error ? error.message : String(error)
        throw new Error(`${where}: ${text}`, { cause: error })
      }
    }
    return targets
  }

  async #target(
    { metadata }: KubeObject,
    source: Source,
    login: Login,
    { installed, requested }: Compares
  ): Promise<Target> {
    const hard = metadata.annotations?.[REFRESH] === 'hard'
    const key = (revision: string): string => JSON.stringify([metadata.uid, source, revision])
    const known = (revision: string): boolean => !hard && this.#manifests.has(key(revision))
    const asked = { login, known, resolve: requested }
    const { revision, files } = await this.#around.repoServers.read(installed, source, asked)
    // What other sources only refer to is fetched, and nothing is rendered from it.
    const rendered = source.ref !== undefined && source.path === undefined ? [] : files
    if (rendered) this.#manifests.set(key(revision), rendered)
    return { revision, files: rendered ?? this.#manifests.get(key(revision)) ?? [] }
  }
}

interface Compares {
  readonly spec: ApplicationSpec
  readonly installed: Installed
  readonly repositories: Repositories
  readonly requested: boolean
}

interface Target {
  readonly revision: string
  readonly files: readonly string[]
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
