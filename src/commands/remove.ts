/** `mode: remove`: looking and taking away until nothing is left, or until what is left has its reason. */
import { wait } from '../http/retry.ts'
import type { ProblemFacts } from '../core/problem.ts'
import { outcomeOf } from '../engine/judged.ts'
import type { HopName, HopOutcome, Outcome } from '../engine/outcome.ts'
import { carriedOut, dueOf, planOf } from '../engine/delete.ts'
import type { Graph, RunContext } from '../engine/graph.ts'

/** What a removal asks of the run it belongs to. */
export interface Removing {
  readonly dryRun: boolean
  readonly context: RunContext<unknown>
  /** Around the removal itself. */
  readonly phase: <T>(work: () => Promise<T>) => Promise<T>
  /** Observes the chain anew. */
  readonly look: () => Promise<Graph<unknown>>
  /** The rights that the login lacks to remove these. */
  readonly lacking: (due: readonly HopName[]) => Promise<ProblemFacts[]>
}

/** How often what is not there is looked for before it is believed to be gone, and the first wait between, in ms. */
const LOOKS = 4
const FIRST_WAIT = 200

/**
 * What could not be read is not touched, nor what it rests on: a half-known chain is not taken apart. A service may
 * answer with what was before: what looks absent is looked for again, and the identity goes only when nothing of what
 * is found by it is left.
 */
export async function removed(
  first: Graph<unknown>,
  { dryRun, context, phase, look, lacking }: Removing
): Promise<Outcome> {
  const done: HopOutcome[] = []
  const allowed = new Set<HopName>()
  const isOpen = (name: HopName): boolean => !done.some(({ hop }) => hop === name)
  /** @param why what is there was left */
  const ended = (run: Graph<unknown>, why = '', problems: readonly ProblemFacts[] = []): Promise<Outcome> => {
    const there = planOf(run.removables).steps.map(({ removable, belonging }) => ({
      hop: removable.hop,
      summary: `left: ${belonging.what}: ${why}`
    }))
    const words = run.hops.map((hop): HopOutcome => {
      const left = there.find((one) => one.hop === hop.hop)
      return hop.result === 'failed' ? hop : { ...asIs(hop), ...(left && { ...left, result: 'skipped' }) }
    })
    const rest = words.filter(({ hop }) => isOpen(hop))
    // What the first look found was told then.
    const untold = rest.filter(({ result }) => result === 'skipped' || (run !== first && result === 'failed'))
    untold.forEach(context.done)
    return outcomeOf(dryRun ? 'dry-run' : 'remove', first, problems, [...rest, ...done])
  }
  for (let run = first, looked = 1; ; looked += 1) {
    const unread = run.hops.find(({ result }) => result === 'failed')
    if (unread && (looked === 1 || looked >= LOOKS || context.patience.signal.aborted)) {
      const problems = unread.problem && !isOpen(unread.hop) ? [unread.problem] : []
      return ended(run, `${unread.hop} could not be read`, problems)
    }
    const before = done.length
    if (!unread) {
      const { others, steps } = planOf(run.removables)
      const left = steps.filter(({ removable: { hop } }) => isOpen(hop))
      const certain = looked >= LOOKS || !run.hops.some(({ hop }) => !KEPT.has(hop) && isOpen(hop))
      const plan = { others, steps: left, withIdentity: dryRun || certain }
      const due = dryRun ? [] : dueOf(plan).filter((hop) => !allowed.has(hop))
      const missing = await lacking(due)
      if (missing.length > 0) return ended(run, 'a right is missing', missing)
      for (const hop of due) allowed.add(hop)
      if (left.length > 0) await phase(() => carriedOut(plan, dryRun, context, done))
      if (dryRun || certain || done.some(({ result }) => result === 'failed')) return ended(run)
    }
    // A run that is being stopped looks once more, which fails at once, and tells what was done so far.
    if (done.length === before)
      await wait(context.patience, FIRST_WAIT * 2 ** (looked - 1)).catch(() => undefined)
    run = await look()
  }
}

/** What never goes, and what goes last. */
const KEPT: ReadonlySet<HopName> = new Set(['cluster', 'argocd', 'identity'])

/** Of a hop that remove leaves alone or finds gone, only the fact is told: what apply would want of it is no matter. */
function asIs({ hop, summary, start, end }: HopOutcome): HopOutcome {
  const kept = hop === 'cluster' || hop === 'argocd'
  const left = `left as it is, others may rest on it: ${summary ?? ''}`
  return {
    hop,
    result: 'unchanged',
    changes: [],
    notes: [],
    start,
    end,
    summary: kept ? left : 'nothing to remove'
  }
}
