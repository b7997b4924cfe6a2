/** `mode: remove`: reads and deletes until nothing is left, or until there is a reason to keep the rest. */
import { wait } from '../http/retry.ts'
import { dependentsOf, type Dependents } from '../chain/dependents.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import { deleteByPlan, dueOf, planOf, type DeletionPlan } from '../engine/delete.ts'
import type { Graph, RunContext } from '../engine/graph.ts'
import { outcomeOf } from '../engine/judge.ts'
import { nameOf, type Outcome, type ResourceOutcome } from '../engine/outcome.ts'

type Which = Pick<ResourceOutcome, 'resource' | 'of'>

export interface Removal<Services> {
  readonly dryRun: boolean
  readonly context: RunContext<Services>
  /** Wraps the deletions in the phase of the log. */
  readonly phase: <T>(work: () => Promise<T>) => Promise<T>
  readonly readAgain: () => Promise<Graph<Services, Dependents>>
  /** @returns the permissions that the login is missing to delete these. */
  readonly checkPermissions: (due: readonly Which[]) => Promise<FindingFacts[]>
}

/** How often a missing resource is read before it counts as gone. */
const READS = 4
/** Before the second read, in ms; it doubles each time. */
const FIRST_WAIT = 200

const NONE: ReadonlySet<string> = new Set()
/** Other resources are found through these, so they are deleted last. */
const LAST: ReadonlySet<ResourceKind> = new Set(['identity'])

/**
 * When a resource cannot be read, nothing is deleted: a half-known chain is not taken apart. A service may answer with
 * an old state, so a resource that looks absent is read again, and the identity is deleted only when every resource
 * that is found through it is gone.
 */
export async function removeChain<Services>(
  first: Graph<Services, Dependents>,
  { dryRun, context, phase, readAgain, checkPermissions }: Removal<Services>
): Promise<Outcome> {
  const done: ResourceOutcome[] = []
  const allowed = new Set<string>()
  const isOpen = (which: Which): boolean => !done.some((one) => nameOf(one) === nameOf(which))
  const inOrder = (outcomes: readonly ResourceOutcome[]): ResourceOutcome[] =>
    first.names.flatMap((name) => outcomes.filter((one) => nameOf(one) === name))
  /** @param why the reason to keep the resources that still exist */
  const end = (
    graph: Graph<Services, Dependents>,
    why = '',
    problems: readonly FindingFacts[] = []
  ): Promise<Outcome> => {
    const existing = planFor(graph).steps.map(({ deletable, deletion }) => ({
      which: deletable.which,
      summary: `kept: ${deletion.what}: ${why}`
    }))
    const outcomes = graph.resources.map((outcome): ResourceOutcome => {
      const kept = existing.find(({ which }) => nameOf(which) === nameOf(outcome))
      return outcome.result === 'failed'
        ? outcome
        : { ...asUnchanged(outcome), ...(kept && { summary: kept.summary, result: 'skipped' }) }
    })
    const rest = outcomes.filter(isOpen)
    // Failures of the first read are reported already.
    const unreported = rest.filter(
      ({ result }) => result === 'skipped' || (graph !== first && result === 'failed')
    )
    unreported.forEach(context.done)
    return outcomeOf(dryRun ? 'dry-run' : 'remove', first, problems, inOrder([...rest, ...done]))
  }
  for (let graph = first, reads = 1; ; reads += 1) {
    const unread = graph.resources.find(({ result }) => result === 'failed')
    if (unread && (reads === 1 || reads >= READS || context.policy.signal.aborted)) {
      const problems = unread.problem && !isOpen(unread) ? [unread.problem] : []
      return end(graph, `${nameOf(unread)} could not be read`, problems)
    }
    const before = done.length
    if (!unread) {
      const plan = planFor(graph)
      const steps = plan.steps.filter(({ deletable }) => isOpen(deletable.which))
      const certain = reads >= READS || !graph.resources.some((one) => !KEPT.has(one.resource) && isOpen(one))
      const current = { ...plan, steps, later: dryRun || certain ? NONE : LAST }
      const due = dueOf(current).filter((which) => !allowed.has(nameOf(which)))
      const missing = await checkPermissions(due)
      if (missing.length > 0 && !dryRun) return end(graph, 'a permission is missing', missing)
      for (const which of due) allowed.add(nameOf(which))
      if (steps.length > 0) await phase(() => deleteByPlan(current, dryRun, context, done))
      if (dryRun) return end(graph, '', missing)
      if (certain || done.some(({ result }) => result === 'failed')) return end(graph)
    }
    // When the run is being cancelled, the next read fails at once and the loop ends with what was done so far.
    if (done.length === before)
      await wait(context.policy, FIRST_WAIT * 2 ** (reads - 1)).catch(() => undefined)
    graph = await readAgain()
  }
}

function planFor(graph: Graph<unknown, Dependents>): DeletionPlan<Dependents> {
  return planOf(graph, dependentsOf(graph))
}

/** Never deleted, or deleted last. */
const KEPT: ReadonlySet<ResourceKind> = new Set(['cluster', 'argocd', ...LAST])

/** For a resource that remove keeps or finds gone: drift is irrelevant here. */
function asUnchanged({ resource, of, summary, start, end }: ResourceOutcome): ResourceOutcome {
  const isShared = resource === 'cluster' || resource === 'argocd'
  return {
    resource,
    ...(of !== undefined && { of }),
    result: 'unchanged',
    differences: [],
    findings: [],
    start,
    end,
    summary: isShared ? `kept, others may depend on it: ${summary ?? ''}` : 'nothing to remove'
  }
}
