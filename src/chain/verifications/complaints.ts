/** What Argo CD says of the repository by itself, on the Applications that use it: one judge for check and apply. */
import { ApplicationProblem } from '../../diagnosis/argocd-conditions.ts'
import type { Ours } from '../../diagnosis/argocd-phases.ts'
import { Inconclusive, type FindingFacts, type Problem } from '../../core/finding.ts'
import { sameUrl } from '../../argocd/urls.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import type { Connection } from '../connection.ts'

export interface Complaints {
  /** It cannot read. */
  readonly against: ApplicationProblem | undefined
  /** Texts that nobody can judge. */
  readonly unclear: readonly ApplicationProblem[]
  /** What speaks neither for nor against, but somebody should know. */
  readonly notes: readonly FindingFacts[]
}

/**
 * What Applications on the repository say of it by themselves, as of their last comparison. Outside of Argo CD's
 * namespace whoever owns one may have written its status: that is worth a note, and decides nothing.
 *
 * @param changed when what Argo CD reads by was last changed, or seen to work, in ms since the epoch: a complaint of
 *   before says nothing any more. undefined: not known, so every complaint counts
 */
export function complaintsOf(connection: Connection, changed: number | undefined): Complaints {
  const { users, namespace } = connection
  const ours = users.filter((one) => one.namespace === namespace).filter((one) => !isOlder(one, changed))
  const found = ours.flatMap((user) => complaintsIn(user, connection))
  // Of other namespaces those that this Argo CD compares: others are not watched, or another's.
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
      ...elsewhere.map(({ facts }) => ({
        ...facts,
        summary: `Outside of Argo CD's namespace: ${facts.summary}`
      })),
      ...about('project', 'cluster', 'unknown').map(({ facts }) => facts)
    ].slice(0, MOST_NOTES)
  }
}

const MOST_NOTES = 3

function isAgainst({ about }: ApplicationProblem): boolean {
  return about === 'repository' || about === 'installation'
}

/** Argo CD repeats what it found until it compares again. */
function isOlder({ reconciledAt }: Application, changed: number | undefined): boolean {
  return changed !== undefined && Date.parse(reconciledAt ?? '') < changed
}

export function complaintsIn(user: Application, { urls }: Pick<Connection, 'urls'>): ApplicationProblem[] {
  return user.conditions
    .filter(({ type }) => COMPLAINTS.includes(type))
    .map((condition) => new ApplicationProblem(user, condition, oursIn(user, urls)))
}

const COMPLAINTS = ['ComparisonError', 'InvalidSpecError', 'UnknownError']

/** Which of the sources of an Application are the repository. */
export function oursIn({ sources, compared }: Application, urls: readonly string[]): Ours {
  const isUrl = (url: string): boolean => urls.some((one) => sameUrl(one, url))
  return {
    isUrl,
    isSource: (number, of) => {
      // What was compared is what is complained of; where that is not told, the sources as they are now.
      const all = compared.length === of ? compared : sources.length === of ? sources : []
      const source = all[number - 1]
      return source && isUrl(source.url)
    }
  }
}

/** What a project denies is no word on the access: it was not asked for. */
export function aboutProject(problem: ApplicationProblem): Problem {
  return problem.about === 'project' || problem.about === 'cluster'
    ? new Inconclusive(problem.facts, { cause: problem })
    : problem
}
