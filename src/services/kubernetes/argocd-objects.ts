/** Argo CD's own resources in the cluster: Applications, ApplicationSets, and the operator's ArgoCD. */
import * as z from 'zod/mini'
import { HttpProblem, safe, UnexpectedReply } from '../../http/errors.ts'
import { recordOf } from '../../http/request.ts'
import type { Kubernetes, ObjectKind } from './api.ts'
import { marksOf, type Marks, type Version } from './marks.ts'

const APPLICATIONS: ObjectKind = { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' }
const APPLICATION_SETS: ObjectKind = { ...APPLICATIONS, plural: 'applicationsets' }
const OPERATED: ObjectKind = { group: 'argoproj.io', version: 'v1beta1', plural: 'argocds' }
export const REFRESH = 'argocd.argoproj.io/refresh'

const text = z.catch(z.optional(z.string()), undefined)
const words = z.catch(z.optional(z.record(z.string(), z.string())), undefined)
// One that is odd keeps its place: Argo CD counts them.
const sourceShape = z.catch(z.looseObject({ repoURL: text, path: text, targetRevision: text }), {})
// What is there and not understood is on.
const automatedShape = z.catch(
  z.nullish(z.looseObject({ prune: z.optional(z.boolean()), enabled: z.optional(z.boolean()) })),
  { prune: true }
)
const metadataShape = z.looseObject({ name: z.string(), namespace: text, labels: words, annotations: words })
const applicationShape = z.looseObject({
  metadata: metadataShape,
  spec: z.catch(
    z.looseObject({
      project: text,
      syncPolicy: z.catch(z.optional(z.looseObject({ automated: automatedShape })), undefined),
      source: z.catch(z.optional(sourceShape), undefined),
      sources: z.catch(z.optional(z.array(sourceShape)), undefined),
      destination: z.catch(
        z.optional(z.looseObject({ namespace: text, server: text, name: text })),
        undefined
      )
    }),
    {}
  ),
  status: z.catch(
    z.optional(
      z.looseObject({
        reconciledAt: text,
        sync: z.catch(z.optional(z.looseObject({ status: text, revision: text })), undefined),
        conditions: z.catch(
          z.optional(z.array(z.catch(z.looseObject({ type: z.string(), message: text }), { type: '' }))),
          undefined
        )
      })
    ),
    undefined
  )
})
const setShape = z.looseObject({ metadata: metadataShape, spec: z.catch(z.unknown(), undefined) })
const operatedShape = z.looseObject({
  spec: z.catch(
    z.optional(
      z.looseObject({
        repo: z.catch(z.optional(z.looseObject({ serviceaccount: text, labels: words })), undefined)
      })
    ),
    undefined
  )
})

/** An Application, as far as its repository goes. */
export interface Application {
  readonly namespace: string
  readonly name: string
  readonly marks: Marks
  /** All of `spec`, where a label names Patless; undefined elsewhere: there are thousands of them, and large ones. */
  readonly spec: unknown
  readonly project: string
  readonly sources: readonly Source[]
  /** `spec.sources` instead of `spec.source`. */
  readonly multiple: boolean
  /** Argo CD syncs it without being asked; undefined: it does not. */
  readonly automated: { readonly prune: boolean } | undefined
  readonly destination: { readonly namespace: string | undefined; readonly server: string | undefined }
  /** A refresh was asked for and is not done. */
  readonly refreshing: boolean
  /** When Argo CD last compared it, as Argo CD writes it; undefined: never. */
  readonly reconciledAt: string | undefined
  readonly revision: string | undefined
  readonly conditions: readonly { readonly type: string; readonly message: string }[]
}

export interface Source {
  readonly url: string
  readonly path: string | undefined
  readonly revision: string | undefined
}

/** What the operator is told about the repo-server. */
export interface Operated {
  readonly serviceAccount: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

export class ArgocdObjects {
  readonly #kubernetes: Kubernetes
  constructor(kubernetes: Kubernetes) {
    this.#kubernetes = kubernetes
  }

  /** Of one namespace, or of all; undefined when the login may not list them, or the cluster does not know the kind. */
  async applications(namespace: string | undefined): Promise<Application[] | undefined> {
    const found: Application[] = []
    const listed = this.#kubernetes.listObjects(APPLICATIONS, namespace, (item) => {
      const application = applicationOf(item)
      for (const { url } of application.sources) this.#kubernetes.maskCredentials(url)
      found.push(application)
    })
    return orUnseen(listed.then(() => found))
  }

  /** ApplicationSets and the URLs of their templates; undefined as for `applications`. */
  async applicationSets(
    namespace: string | undefined
  ): Promise<{ name: string; namespace: string; urls: string[] }[] | undefined> {
    const found: { name: string; namespace: string; urls: string[] }[] = []
    const listed = this.#kubernetes.listObjects(APPLICATION_SETS, namespace, (item) => {
      const { metadata, spec } = shaped(setShape, item, 'list applicationsets')
      const urls = urlsIn(spec)
      urls.forEach((url) => {
        this.#kubernetes.maskCredentials(url)
      })
      found.push({ name: metadata.name, namespace: metadata.namespace ?? '', urls })
    })
    return orUnseen(listed.then(() => found))
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

  /** @param spec is merged into the one there is. @throws {HttpProblem} 409 when it is not the one that was read. */
  async patchApplication(
    { namespace, name, marks }: Pick<Application, 'namespace' | 'name' | 'marks'>,
    spec: object
  ): Promise<void> {
    const metadata = { resourceVersion: marks.version.resourceVersion }
    await this.#kubernetes.patchObject(APPLICATIONS, namespace, name, { metadata, spec })
  }

  /** `hard`: manifests are made anew as well. Argo CD takes the annotation away when it is done. */
  async refresh(namespace: string, name: string, kind: 'normal' | 'hard'): Promise<void> {
    const metadata = { annotations: { [REFRESH]: kind } }
    await this.#kubernetes.patchObject(APPLICATIONS, namespace, name, { metadata })
  }

  /**
   * What it deployed stays as long as it has no finalizer. In order also when it is not there.
   *
   * @throws {HttpProblem} 409 when it is not the one that was read
   */
  async deleteApplication(namespace: string, name: string, version: Version): Promise<void> {
    await this.#kubernetes.deleteObject(APPLICATIONS, namespace, name, version)
  }

  /** The same API, also for a run that is being stopped: a probe must not stay. */
  outlasting(): ArgocdObjects {
    return new ArgocdObjects(this.#kubernetes.outlasting())
  }

  /** The ArgoCD resource of an operator. */
  async operated(namespace: string, name: string): Promise<Operated | undefined> {
    const found = await this.#kubernetes.object(OPERATED, namespace, name)
    if (found === undefined) return undefined
    const { repo } = shaped(operatedShape, found, 'get argocds').spec ?? {}
    return { serviceAccount: repo?.serviceaccount, labels: repo?.labels ?? {} }
  }

  /** @param repo merged into `spec.repo` */
  async tellOperator(namespace: string, name: string, repo: object): Promise<void> {
    await this.#kubernetes.patchObject(OPERATED, namespace, name, { spec: { repo } })
  }
}

/** The codes that tell causes apart may stand far behind in a condition; who prints it shortens it. */
const LONGEST_MESSAGE = 16_000

function applicationOf(item: unknown): Application {
  const { metadata, spec, status } = shaped(applicationShape, item, 'applications')
  const sources = [...(spec.sources ?? []), ...(spec.source ? [spec.source] : [])]
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    marks: marksOf(recordOf(item)['metadata']),
    spec: Object.values(metadata.labels ?? {}).includes('patless') ? recordOf(item)['spec'] : undefined,
    project: spec.project ?? '',
    sources: sources.flatMap(({ repoURL, path, targetRevision }) =>
      repoURL === undefined ? [] : [{ url: repoURL, path, revision: targetRevision }]
    ),
    multiple: (spec.sources ?? []).length > 0,
    automated: automatedOf(spec.syncPolicy?.automated),
    destination: { namespace: spec.destination?.namespace, server: spec.destination?.server },
    refreshing: metadata.annotations?.[REFRESH] !== undefined,
    reconciledAt: status?.reconciledAt,
    revision: status?.sync?.revision,
    conditions: (status?.conditions ?? []).map(({ type, message = '' }) => ({
      type,
      message: safe(message, LONGEST_MESSAGE)
    }))
  }
}

/** Since 3.1 it can be written down and switched off all the same. */
function automatedOf(policy: z.infer<typeof automatedShape>): Application['automated'] {
  return policy && policy.enabled !== false ? { prune: policy.prune === true } : undefined
}

/** Every `repoURL` in a template, wherever generators and patches put it; without recursion, it may be of any depth. */
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

function shaped<T>(schema: z.ZodMiniType<T>, item: unknown, request: string): T {
  const parsed = schema.safeParse(item)
  if (parsed.success) return parsed.data
  throw new UnexpectedReply(
    'Kubernetes',
    request,
    safe(parsed.error.issues[0]?.message ?? 'not as documented')
  )
}

/** Not to be allowed to look is no failure: it is told, and what rests on it is not said. */
async function orUnseen<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof HttpProblem && (error.status === 403 || error.status === 404)) return undefined
    throw error
  }
}
