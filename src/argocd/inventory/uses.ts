/** Which URLs the objects of one Argo CD read from and push to. */
import type { Application, ApplicationSet } from '../../services/kubernetes/argocd-objects.ts'
import { normalized } from '../urls.ts'
import type { UserRef } from './credential.ts'

/** A URL as some objects spell it, for one Argo CD project. */
export interface Use {
  readonly url: string
  readonly project: string
  readonly applications: readonly UserRef[]
  readonly applicationSets: readonly UserRef[]
}

export interface Users {
  /** undefined: the login may not list them. */
  readonly applications: readonly Application[] | undefined
  readonly sets: readonly ApplicationSet[] | undefined
}

/** Every URL that the repo-server reads. */
export function readsOf({ applications = [], sets = [] }: Users): Use[] {
  const uses = new Uses()
  for (const { namespace, name, project, sources, hydrated } of applications)
    for (const url of [...sources.map((one) => one.url), ...(hydrated === undefined ? [] : [hydrated])])
      uses.of(url, project).applications.push({ namespace, name })
  // The project of what a generator reads may be a template itself, so only Secrets for all projects count.
  for (const { namespace, name, urls } of sets)
    for (const url of new Set(urls)) uses.of(url, '').applicationSets.push({ namespace, name })
  return uses.all()
}

/** Every URL that the hydrator pushes to. */
export function writesOf({ applications = [] }: Users): Use[] {
  const uses = new Uses()
  for (const { namespace, name, project, hydrated } of applications)
    if (hydrated !== undefined) uses.of(hydrated, project).applications.push({ namespace, name })
  return uses.all()
}

class Uses {
  readonly #known = new Map<
    string,
    { url: string; project: string; applications: UserRef[]; applicationSets: UserRef[] }
  >()

  of(url: string, project: string): { applications: UserRef[]; applicationSets: UserRef[] } {
    const key = JSON.stringify([normalized(url), project])
    const known = this.#known.get(key)
    if (known) return known
    const made = { url, project, applications: [], applicationSets: [] }
    this.#known.set(key, made)
    return made
  }

  all(): Use[] {
    return [...this.#known.values()]
  }
}
