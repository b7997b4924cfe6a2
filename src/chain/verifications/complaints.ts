/**
 * What Argo CD reports about a repository on the Applications that use it. check and apply judge it by the same rules.
 */
import { ApplicationProblem } from '../../diagnosis/argocd-conditions.ts'
import type { Ours } from '../../diagnosis/argocd-phases.ts'
import { Inconclusive, type Problem } from '../../core/finding.ts'
import { sameUrl } from '../../argocd/urls.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import type { Connection } from '../connection.ts'

export interface Complaints {
  /** Argo CD cannot read. */
  readonly against: ApplicationProblem | undefined
  /** Texts that Patless cannot judge. */
  readonly unclear: readonly ApplicationProblem[]
  /** Complaints that decide nothing but that somebody should know. */
  readonly notes: readonly { readonly problem: ApplicationProblem; readonly place: string }[]
}

/**
 * Complaints on the Applications that use the repository, as of their last comparison. Outside of Argo CD's namespace,
 * the owner of an Application may have written its status, so such a complaint becomes a note and decides nothing.
 *
 * @param changed when anything that Argo CD's read depends on last changed, or when Argo CD was last observed to read,
 *   in ms since the epoch. Older complaints are void. undefined: unknown, so every complaint counts
 */
export function complaintsOf(connection: Connection, changed: number | undefined): Complaints {
  const { users, namespace } = connection
  const ours = users.filter((one) => one.namespace === namespace).filter((one) => !isOlder(one, changed))
  const found = ours.flatMap((user) => complaintsIn(user, connection))
  // In other namespaces, only Applications that this Argo CD compares; others are unwatched or belong to another Argo
  // CD.
  const elsewhere = users
    .filter((one) => one.namespace !== namespace && one.controllerNamespace === namespace)
    .filter((one) => !isOlder(one, changed))
    .flatMap((user) => complaintsIn(user, connection))
    .filter(isAgainst)
  const about = (...words: readonly string[]) => found.filter((one) => words.includes(one.about))
  return {
    against: found.find(isAgainst),
    unclear: about('unknown'),
    notes: [
      ...elsewhere.map((problem) => ({ problem, place: "Outside of Argo CD's namespace: " })),
      ...about('project', 'cluster', 'unknown').map((problem) => ({ problem, place: '' }))
    ].slice(0, MOST_NOTES)
  }
}

const MOST_NOTES = 3

function isAgainst({ about }: ApplicationProblem): boolean {
  return about === 'repository' || about === 'installation'
}

/** Argo CD repeats a complaint until its next comparison. */
function isOlder({ reconciledAt }: Application, changed: number | undefined): boolean {
  return changed !== undefined && Date.parse(reconciledAt ?? '') < changed
}

export function complaintsIn(user: Application, { urls }: Pick<Connection, 'urls'>): ApplicationProblem[] {
  return user.conditions
    .filter(({ type }) => COMPLAINTS.includes(type))
    .map((condition) => new ApplicationProblem(user, condition, oursIn(user, urls)))
}

const COMPLAINTS = ['ComparisonError', 'InvalidSpecError', 'UnknownError']

/** Which sources of an Application are the repository. */
export function oursIn({ sources, compared }: Application, urls: readonly string[]): Ours {
  const isUrl = (url: string): boolean => urls.some((one) => sameUrl(one, url))
  return {
    isUrl,
    isSource: (number, of) => {
      // Complaints concern the sources that were compared. If those are unknown, the current sources are used.
      const all = compared.length === of ? compared : sources.length === of ? sources : []
      const source = all[number - 1]
      return source && isUrl(source.url)
    }
  }
}

/** A project restriction says nothing about access, which was not tested. */
export function aboutProject(problem: ApplicationProblem): Problem {
  return problem.about === 'project' || problem.about === 'cluster'
    ? new Inconclusive(problem.facts, { cause: problem })
    : problem
}
