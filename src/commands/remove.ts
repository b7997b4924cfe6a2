/** `mode: remove`: reading and deleting until nothing is left, or until what is left has its reason. */
import { wait } from '../http/retry.ts'
import { dependentsOf, type Dependents } from '../chain/dependents.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import { deleteByPlan, dueOf, planOf, type DeletionPlan } from '../engine/delete.ts'
import type { Graph, RunContext } from '../engine/graph.ts'
import { outcomeOf } from '../engine/judge.ts'
import type { Outcome, ResourceOutcome } from '../engine/outcome.ts'

/** What a removal needs of the run it belongs to. */
export interface Removing<Services> {
  readonly dryRun: boolean
  readonly context: RunContext<Services>
  /** Around the removal itself. */
  readonly phase: <T>(work: () => Promise<T>) => Promise<T>
  /** Reads the chain anew. */
  readonly look: () => Promise<Graph<Services, Dependents>>
  /** The rights that the login lacks to delete these. */
  readonly lacking: (due: readonly ResourceKind[]) => Promise<FindingFacts[]>
}

/** How often what is not there is looked for before it is believed to be gone, and the first wait between, in ms. */
const LOOKS = 4
const FIRST_WAIT = 200

const NONE: ReadonlySet<ResourceKind> = new Set()
/** What is found by it must be gone before. */
const LAST: ReadonlySet<ResourceKind> = new Set(['identity'])

/**
 * What could not be read is not touched, nor what it depends on: a half-known chain is not taken apart. A service may
 * answer with what was before: what looks absent is looked for again, and the identity goes only when nothing of what
 * is found by it is left.
 */
export async function removeChain<Services>(
  first: Graph<Services, Dependents>,
  { dryRun, context, phase, look, lacking }: Removing<Services>
): Promise<Outcome> {
  const done: ResourceOutcome[] = []
  const allowed = new Set<ResourceKind>()
  const isOpen = (kind: ResourceKind): boolean => !done.some(({ resource }) => resource === kind)
  const inOrder = (outcomes: readonly ResourceOutcome[]): ResourceOutcome[] =>
    first.kinds.flatMap((kind) => outcomes.filter(({ resource }) => resource === kind))
  /** @param why what is there was left */
  const end = (
    graph: Graph<Services, Dependents>,
    why = '',
    problems: readonly FindingFacts[] = []
  ): Promise<Outcome> => {
    const there = planFor(graph).steps.map(({ deletable, deletion }) => ({
      resource: deletable.kind,
      summary: `left: ${deletion.what}: ${why}`
    }))
    const words = graph.resources.map((outcome): ResourceOutcome => {
      const left = there.find(({ resource }) => resource === outcome.resource)
      return outcome.result === 'failed'
        ? outcome
        : { ...asIs(outcome), ...(left && { ...left, result: 'skipped' }) }
    })
    const rest = words.filter(({ resource }) => isOpen(resource))
    // What the first look found was reported then.
    const news = rest.filter(({ result }) => result === 'skipped' || (graph !== first && result === 'failed'))
    news.forEach(context.done)
    return outcomeOf(dryRun ? 'dry-run' : 'remove', first, problems, inOrder([...rest, ...done]))
  }
  for (let graph = first, looked = 1; ; looked += 1) {
    const unread = graph.resources.find(({ result }) => result === 'failed')
    if (unread && (looked === 1 || looked >= LOOKS || context.policy.signal.aborted)) {
      const problems = unread.problem && !isOpen(unread.resource) ? [unread.problem] : []
      return end(graph, `${unread.resource} could not be read`, problems)
    }
    const before = done.length
    if (!unread) {
      const plan = planFor(graph)
      const steps = plan.steps.filter(({ deletable }) => isOpen(deletable.kind))
      const certain =
        looked >= LOOKS || !graph.resources.some(({ resource }) => !KEPT.has(resource) && isOpen(resource))
      const now = { ...plan, steps, later: dryRun || certain ? NONE : LAST }
      const due = dryRun ? [] : dueOf(now).filter((kind) => !allowed.has(kind))
      const missing = await lacking(due)
      if (missing.length > 0) return end(graph, 'a right is missing', missing)
      for (const kind of due) allowed.add(kind)
      if (steps.length > 0) await phase(() => deleteByPlan(now, dryRun, context, done))
      if (dryRun || certain || done.some(({ result }) => result === 'failed')) return end(graph)
    }
    // A run that is being stopped looks once more, which fails at once, and reports what was done so far.
    if (done.length === before)
      await wait(context.policy, FIRST_WAIT * 2 ** (looked - 1)).catch(() => undefined)
    graph = await look()
  }
}

function planFor(graph: Graph<unknown, Dependents>): DeletionPlan<Dependents> {
  return planOf(graph, dependentsOf(graph))
}

/** What never goes, and what goes last. */
const KEPT: ReadonlySet<ResourceKind> = new Set(['cluster', 'argocd', ...LAST])

/** Of a resource that remove leaves alone or finds gone, only that is reported: what apply would write is no matter. */
function asIs({ resource, summary, start, end }: ResourceOutcome): ResourceOutcome {
  const kept = resource === 'cluster' || resource === 'argocd'
  const left = `left as it is, others may depend on it: ${summary ?? ''}`
  return {
    resource,
    result: 'unchanged',
    differences: [],
    findings: [],
    start,
    end,
    summary: kept ? left : 'nothing to remove'
  }
}
