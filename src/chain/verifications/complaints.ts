/** What Argo CD says of the repository by itself, on the Applications that use it. */
import { ApplicationProblem } from '../../diagnosis/argocd-conditions.ts'
import { Inconclusive, type Problem, type FindingFacts } from '../../core/finding.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import type { Connection } from '../connection.ts'

/**
 * What Applications on the repository say of it by themselves, as of their last comparison. Outside of Argo CD's
 * namespace whoever owns one may have written its status: that is worth a note, and decides nothing.
 */
export function complaintsOf({ users, namespace }: Connection): {
  readonly complaint: Problem | undefined
  readonly elsewhere: readonly ApplicationProblem[]
} {
  const elsewhere = users
    .filter((one) => one.namespace !== namespace)
    .flatMap((one) => complaintsIn([one]) ?? [])
  const found = complaintsIn(users.filter((one) => one.namespace === namespace))
  return { complaint: found && aboutProject(found), elsewhere: elsewhere.slice(0, MOST_NOTES) }
}

const MOST_NOTES = 3

function complaintsIn(users: readonly Application[]): ApplicationProblem | undefined {
  return users
    .flatMap((user) =>
      user.conditions
        .filter(({ type }) => COMPLAINTS.includes(type))
        .map(({ message }) => new ApplicationProblem(user, message))
    )
    .find(({ about }) => about !== 'application')
}

export function saidElsewhere({ facts }: ApplicationProblem): FindingFacts {
  return { ...facts, summary: `Outside of Argo CD's namespace: ${facts.summary}` }
}

const COMPLAINTS = ['ComparisonError', 'InvalidSpecError', 'UnknownError']

/** What a project denies is no word on the access: it was not asked for. */
export function aboutProject(problem: ApplicationProblem): Problem {
  return problem.about === 'project' ? new Inconclusive(problem.facts, { cause: problem }) : problem
}
