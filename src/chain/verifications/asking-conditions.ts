/** What asking Argo CD needs: checked before, and once per run, however many repositories there are. */
import { Inconclusive, Problem } from '../../core/finding.ts'
import { input } from '../../core/input-name.ts'
import { word } from '../../core/shell.ts'
import { HttpProblem } from '../../http/errors.ts'
import type { Services } from '../../services/services.ts'
import type { Kubernetes } from '../../services/kubernetes/api.ts'

export class AskingConditions {
  readonly #namespace: string
  readonly #kubernetes: Kubernetes
  readonly #may = new Map<string, Promise<void>>()
  #controlled: Promise<void> | undefined

  constructor(
    { namespace, clusterId }: { readonly namespace: string; readonly clusterId: string | undefined },
    { kubernetes }: Services
  ) {
    this.#namespace = namespace
    this.#kubernetes = kubernetes(clusterId)
  }

  /** @throws {Inconclusive} when the login may not do all of it; not when it may not ask. */
  assertMay(verbs: readonly string[]): Promise<void> {
    const key = verbs.join(' ')
    const known = this.#may.get(key) ?? assertMay(verbs, this.#namespace, this.#kubernetes)
    this.#may.set(key, known)
    return known
  }

  /** Without a running controller, nobody answers, so this is reported at once. @throws {Problem} */
  assertControlled(): Promise<void> {
    this.#controlled ??= assertControlled(this.#namespace, this.#kubernetes)
    return this.#controlled
  }
}

async function assertMay(verbs: readonly string[], namespace: string, kubernetes: Kubernetes): Promise<void> {
  const rights = verbs.map((verb) => ({ verb, group: 'argoproj.io', resource: 'applications', namespace }))
  const missing = await kubernetes.missing(rights).catch((error: unknown) => {
    if (error instanceof HttpProblem && error.status === 403) return []
    throw error
  })
  if (missing.length === 0) return
  throw new Inconclusive({
    id: 'verification/may-not-probe',
    summary: `The login may not ${missing.map(({ verb }) => verb).join(', ')} Applications in ${namespace}, so Argo CD itself was not asked to read.`,
    expected: 'create, get, patch, delete applications.argoproj.io',
    actual: 'not allowed',
    remedy: `apply docs/permissions/kubernetes-role.yaml, or set ${input('verification', 'access')}`
  })
}

async function assertControlled(namespace: string, kubernetes: Kubernetes): Promise<void> {
  // A login that may not list them finds out by waiting.
  const sets = await kubernetes.statefulSets(namespace).catch(() => [])
  const controllers = sets.filter(
    ({ metadata }) => metadata?.name?.endsWith('application-controller') === true
  )
  if (controllers.length === 0 || controllers.some(({ spec }) => spec?.replicas !== 0)) return
  const name = controllers[0]?.metadata?.name ?? ''
  throw new Problem({
    id: 'argocd/controller-stopped',
    summary: `Argo CD compares nothing: its application controller ${namespace}/${name} has 0 replicas.`,
    expected: 'at least one replica',
    actual: '0',
    remedy: 'start it, then run again',
    command: `kubectl -n ${word(namespace)} scale statefulset ${word(name)} --replicas=1`
  })
}
