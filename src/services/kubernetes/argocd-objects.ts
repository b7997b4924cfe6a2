/** Argo CD's own resources in the cluster: Applications, ApplicationSets, and the operator's ArgoCD. */
import type * as z from 'zod/mini'
import { isTrue } from '../../core/go-bool.ts'
import { HttpProblem, safe } from '../../http/errors.ts'
import { recordOf } from '../../http/request.ts'
import type { Kubernetes, ObjectKind } from './api.ts'
import { applicationShape, automatedShape, operatedShape, setShape, sourceShape } from './argocd-shapes.ts'
import { tokensIn, type GeneratorToken } from './generators.ts'
import { marksOf, type Marks, type Version } from './marks.ts'
import { parseReply } from './shapes.ts'

const APPLICATIONS: ObjectKind = { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' }
const APPLICATION_SETS: ObjectKind = { ...APPLICATIONS, plural: 'applicationsets' }
const OPERATED: ObjectKind = { group: 'argoproj.io', version: 'v1beta1', plural: 'argocds' }
export const REFRESH = 'argocd.argoproj.io/refresh'
const SKIP = 'argocd.argoproj.io/skip-reconcile'

/** An Application: the fields about its repository. */
export interface Application {
  readonly namespace: string
  readonly name: string
  readonly marks: Marks
  /**
   * The whole `spec` when a label names Patless; undefined otherwise, to save memory with thousands of Applications.
   */
  readonly spec: unknown
  readonly project: string
  readonly sources: readonly Source[]
  /** The repository that the hydrator reads for it, where it uses the hydrator. */
  readonly hydrated: string | undefined
  /** Whether it uses `spec.sources` instead of `spec.source`. */
  readonly multiple: boolean
  /** Set when Argo CD syncs the Application automatically. */
  readonly automated: { readonly prune: boolean } | undefined
  readonly destination: { readonly namespace: string | undefined }
  /** A requested refresh is not finished. */
  readonly refreshing: boolean
  /** When Argo CD last compared it, in Argo CD's format; undefined: never. */
  readonly reconciledAt: string | undefined
  /** The sources of that comparison, each with the revision that Argo CD read. */
  readonly compared: readonly (Source & { readonly commit: string | undefined })[]
  /** Namespace of the Argo CD that compared it. */
  readonly controllerNamespace: string | undefined
  /** Of that comparison, in Argo CD's words: `Synced`, `OutOfSync`, `Unknown`; undefined: never compared. */
  readonly sync: string | undefined
  /** `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing`, `Unknown`. */
  readonly health: string | undefined
  /** An annotation makes Argo CD skip it. */
  readonly skipped: boolean
  readonly conditions: readonly { readonly type: string; readonly message: string }[]
}

export interface Source {
  readonly url: string
  readonly path: string | undefined
  readonly revision: string | undefined
}

/** An ApplicationSet: the URLs and the tokens that it names. */
export interface ApplicationSet {
  readonly namespace: string
  readonly name: string
  readonly marks: Marks
  /** Every `repoURL`, wherever generators and patches put it. */
  readonly urls: readonly string[]
  readonly tokens: readonly GeneratorToken[]
}

/** The repo-server's part of the operator's ArgoCD resource. */
export interface Operated {
  readonly serviceAccount: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

export class ArgocdObjects {
  readonly #kubernetes: Kubernetes
  constructor(kubernetes: Kubernetes) {
    this.#kubernetes = kubernetes
  }

  /** In one namespace or in all; undefined when the login may not list them or the cluster does not have the kind. */
  async applications(namespace: string | undefined): Promise<Application[] | undefined> {
    const found: Application[] = []
    const listed = this.#kubernetes.listObjects(APPLICATIONS, namespace, (item) => {
      const application = applicationOf(item)
      for (const { url } of application.sources) this.#kubernetes.maskCredentials(url)
      this.#kubernetes.maskCredentials(application.hydrated ?? '')
      found.push(application)
    })
    return orUnlisted(listed.then(() => found))
  }

  /** undefined as for `applications`. */
  async applicationSets(namespace: string | undefined): Promise<ApplicationSet[] | undefined> {
    const found: ApplicationSet[] = []
    const listed = this.#kubernetes.listObjects(APPLICATION_SETS, namespace, (item) => {
      const { metadata, spec } = parseReply('list applicationsets', setShape, item)
      const urls = urlsIn(spec)
      urls.forEach((url) => {
        this.#kubernetes.maskCredentials(url)
      })
      const { name, namespace: home = '' } = metadata
      found.push({
        name,
        namespace: home,
        marks: marksOf(recordOf(item)['metadata']),
        urls,
        tokens: tokensIn(spec)
      })
    })
    return orUnlisted(listed.then(() => found))
  }

  async application(namespace: string, name: string): Promise<Application | undefined> {
    const found = await this.#kubernetes.object(APPLICATIONS, namespace, name)
    return found === undefined ? undefined : applicationOf(found)
  }

  /** @returns its uid */
  async createApplication(namespace: string, metadata: object, spec: object): Promise<string> {
    const body = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, spec }
    const made = await this.#kubernetes.createObject(APPLICATIONS, namespace, body)
    return marksOf(recordOf(made)['metadata']).version.uid
  }

  /**
   * @param spec is merged into the existing one. @throws {HttpProblem} 409 when the object has changed since it was
   *   read.
   */
  async patchApplication(
    { namespace, name, marks }: Pick<Application, 'namespace' | 'name' | 'marks'>,
    spec: object
  ): Promise<void> {
    const metadata = { resourceVersion: marks.version.resourceVersion }
    await this.#kubernetes.patchObject(APPLICATIONS, namespace, name, { metadata, spec })
  }

  /** `hard` also renders the manifests again. Argo CD removes the annotation when it has finished. */
  async refresh(namespace: string, name: string, kind: 'normal' | 'hard'): Promise<void> {
    const metadata = { annotations: { [REFRESH]: kind } }
    await this.#kubernetes.patchObject(APPLICATIONS, namespace, name, { metadata })
  }

  /** Withdraws a refresh request that nobody has answered. Succeeds when the Application is already gone. */
  async withdrawRefresh(namespace: string, name: string): Promise<void> {
    const metadata = { annotations: { [REFRESH]: null } }
    await this.#kubernetes
      .patchObject(APPLICATIONS, namespace, name, { metadata })
      .catch((error: unknown) => {
        if (!(error instanceof HttpProblem) || error.status !== 404) throw error
      })
  }

  /**
   * Deployed resources stay, unless the Application has a finalizer. Succeeds when it is already gone.
   *
   * @throws {HttpProblem} 409 when the object has changed since it was read
   */
  async deleteApplication(namespace: string, name: string, version: Version): Promise<void> {
    await this.#kubernetes.deleteObject(APPLICATIONS, namespace, name, version)
  }

  /** The same API, also usable in a cancelled run, which must still delete its probe. */
  outlasting(): ArgocdObjects {
    return new ArgocdObjects(this.#kubernetes.outlasting())
  }

  /** The ArgoCD resource of an operator. */
  async operated(namespace: string, name: string): Promise<Operated | undefined> {
    const found = await this.#kubernetes.object(OPERATED, namespace, name)
    if (found === undefined) return undefined
    const { repo } = parseReply('get argocds', operatedShape, found).spec ?? {}
    return { serviceAccount: repo?.serviceaccount, labels: repo?.labels ?? {} }
  }

  /** @param repo merged into `spec.repo` */
  async patchOperated(namespace: string, name: string, repo: object): Promise<void> {
    await this.#kubernetes.patchObject(OPERATED, namespace, name, { spec: { repo } })
  }
}

/** In characters. Output code shortens it further. */
const LONGEST_MESSAGE = 16_000
/** Codes of Entra and Azure DevOps, which decide what a condition is about, wherever in it they are. */
const CODE = /AADSTS\d{4,9}|(?:TF|VS)\d{6}/

/** The beginning of a condition, and what follows its first code where that is further back. */
function messageOf(message: string): string {
  const begin = safe(message, LONGEST_MESSAGE)
  if (message.length <= LONGEST_MESSAGE || CODE.test(begin)) return begin
  const at = message.search(CODE)
  const half = LONGEST_MESSAGE / 2
  return at < 0 ? begin : `${safe(message, half)} ${safe(message.slice(at), half)}`
}

function applicationOf(item: unknown): Application {
  const { metadata, spec, status } = parseReply('applications', applicationShape, item)
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    marks: marksOf(recordOf(item)['metadata']),
    spec: Object.values(metadata.labels ?? {}).includes('patless') ? recordOf(item)['spec'] : undefined,
    project: spec.project ?? '',
    sources: sourcesOf(spec),
    hydrated: spec.sourceHydrator?.drySource?.repoURL,
    multiple: (spec.sources ?? []).length > 0,
    automated: automatedOf(spec.syncPolicy?.automated),
    destination: { namespace: spec.destination?.namespace },
    refreshing: metadata.annotations?.[REFRESH] !== undefined,
    reconciledAt: status?.reconciledAt,
    compared: comparedBy(status?.sync),
    controllerNamespace: status?.controllerNamespace,
    sync: status?.sync?.status,
    health: status?.health?.status,
    skipped: isTrue(metadata.annotations?.[SKIP]),
    conditions: (status?.conditions ?? []).map(({ type, message = '' }) => ({
      type,
      message: messageOf(message)
    }))
  }
}

/** If `sources` has entries, Argo CD ignores `source`. */
function sourcesOf({ source, sources = [] }: SourcesShape): Source[] {
  return (sources.length > 0 ? sources : source ? [source] : []).flatMap(
    ({ repoURL, path, targetRevision }) =>
      repoURL === undefined ? [] : [{ url: repoURL, path, revision: targetRevision }]
  )
}

type SourceShape = z.infer<typeof sourceShape>
interface SourcesShape {
  readonly source?: SourceShape | undefined
  readonly sources?: readonly SourceShape[] | undefined
}

function comparedBy(
  sync:
    | {
        revision?: string | undefined
        revisions?: string[] | undefined
        comparedTo?: SourcesShape | undefined
      }
    | undefined
): Application['compared'] {
  const { revision, revisions = [], comparedTo = {} } = sync ?? {}
  const several = (comparedTo.sources ?? []).length > 0
  return sourcesOf(comparedTo).map((one, at) => ({ ...one, commit: several ? revisions[at] : revision }))
}

/** Since Argo CD 3.1, `enabled: false` disables an existing policy. */
function automatedOf(policy: z.infer<typeof automatedShape>): Application['automated'] {
  return policy && policy.enabled !== false ? { prune: policy.prune === true } : undefined
}

/** Every `repoURL` at any depth, wherever generators and patches put it; iterative, because the depth is unbounded. */
function urlsIn(value: unknown): string[] {
  const found: string[] = []
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next !== 'object' || next === null) continue
    for (const [key, inner] of Object.entries(next)) {
      if (key === 'repoURL' && typeof inner === 'string') found.push(inner)
      else left.push(inner)
    }
  }
  return found
}

/** A forbidden list is not an error: the caller adds a warning and makes no statement about the objects. */
async function orUnlisted<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof HttpProblem && (error.status === 403 || error.status === 404)) return undefined
    throw error
  }
}
