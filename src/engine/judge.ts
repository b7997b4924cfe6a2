/** The outcome of a run, judged by its resources and its verifications. */
import type { FindingFacts } from '../core/finding.ts'
import type { Graph } from './graph.ts'
import { isInOrder } from './node.ts'
import { nameOf, type Outcome, type ResourceOutcome, type VerificationOutcome } from './outcome.ts'

const NOT_REQUESTED: VerificationOutcome = {
  result: 'skipped',
  reason: 'verification is none',
  commits: {},
  start: 0,
  end: 0
}

export async function outcomeOf<Services, Dependents>(
  mode: Outcome['mode'],
  graph: Graph<Services, Dependents>,
  problems: readonly FindingFacts[],
  resources: readonly ResourceOutcome[] = graph.resources
): Promise<Outcome> {
  const { outputs } = graph
  const changed = resources.some(({ result }) => ['created', 'updated', 'removed'].includes(result))
  const drift = resources.some(({ result }) => ['drifted', 'missing', 'unknown'].includes(result))
  const verifications = await graph.verifications()
  const verification = judge(mode, resources, combine(verifications))
  return { mode, resources, outputs, changed, drift, problems, verifications, verification }
}

/** What is wrong with one of both is wrong with the whole. */
function combine({ charts, ...git }: Outcome['verifications']): VerificationOutcome {
  const read = combineGit(git)
  if (!charts || charts.result === 'skipped' || !['verified', 'inconclusive'].includes(read.result))
    return read
  const start = Math.min(read.start, charts.start)
  const end = Math.max(read.end, charts.end)
  if (charts.result === 'failed' || (charts.result === 'inconclusive' && read.result === 'verified'))
    return { ...charts, start, end }
  if (read.result === 'inconclusive') return { ...read, start, end }
  return { ...read, start, end, reason: `${read.reason}; ${charts.reason}` }
}

/** Where Argo CD was asked, its own result decides. */
function combineGit({
  access = NOT_REQUESTED,
  argocd
}: Pick<Outcome['verifications'], 'access' | 'argocd'>): VerificationOutcome {
  // What this run cannot see of the way that Argo CD takes, Argo CD itself shows.
  if (access.result !== 'failed' && access.result !== 'verified' && argocd && argocd.result !== 'skipped')
    return { ...argocd, start: access.start }
  if (access.result !== 'verified' || !argocd) return access
  const { start } = access
  if (argocd.result === 'skipped') return { ...access, reason: `${access.reason}; ${argocd.reason}` }
  if (argocd.result !== 'verified') return { ...argocd, start }
  return { ...argocd, start, reason: `${access.reason}; ${argocd.reason}` }
}

/** Working access is not enough: Argo CD only has it when every resource is in order. Never green while broken. */
function judge(
  mode: Outcome['mode'],
  resources: readonly ResourceOutcome[],
  verification: VerificationOutcome
): VerificationOutcome {
  const open = resources.find(({ result }) => !isInOrder(result))
  if (mode === 'dry-run' || !['verified', 'inconclusive'].includes(verification.result) || !open)
    return verification
  return {
    ...verification,
    result: 'failed',
    reason: `the access itself works, but ${nameOf(open)} is ${open.result}`
  }
}
