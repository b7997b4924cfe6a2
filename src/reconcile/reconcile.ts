/** One run: observe the whole chain; in apply, check the rights, then write what differs; prove. */
import type { Planes } from '../clients/planes.ts'
import type { ProblemFacts } from '../diagnosis/problem.ts'
import type { Desired } from '../inputs/parse.ts'
import { chain, type Standing } from './chain.ts'
import type { HopName, HopOutcome, Outcome, ProofOutcome } from './outcomes.ts'
import { carriedOut, dueOf, planOf } from './removal.ts'
import { missingRights, REMOVES, WRITES } from './rights.ts'
import { Run, type RunContext } from './run.ts'

/** A check waits at most this long, in ms: nothing was written, so only slow replicas of Entra can cure a refusal. */
const CHECK_PATIENCE = 30_000

/** Phases, as the log groups them. */
export type Phase = <T>(title: string, work: () => Promise<T>) => Promise<T>

export async function reconcile(want: Desired, context: RunContext, phase: Phase): Promise<Outcome> {
  const { planes, patience } = context
  const checking = want.mode === 'check'
  const budget = checking ? Math.min(CHECK_PATIENCE, want.verificationTimeout) : want.verificationTimeout
  const pass = (run: Run): Promise<Standing> => chain(run, want, planes, { ...patience, budget })
  const observed = new Run(context, checking)
  const standing = await phase('Observe', () => pass(observed))
  if (want.mode === 'remove') return removed(want, observed, standing, context, phase)
  const differing = observed.hops.filter(({ result }) => result !== 'unchanged')
  if (checking) return outcome('check', observed, [])
  const stopped = differing.some(
    ({ result, changes }) => result === 'failed' || changes.some(({ blocked }) => blocked)
  )
  if (want.dryRun || stopped) return outcome(want.dryRun ? 'dry-run' : 'apply', observed, [])
  const missing = await rightsFor(
    differing.map(({ hop }) => hop),
    standing,
    want,
    planes,
    phase
  )
  if (missing.length > 0) return outcome('apply', observed, missing)
  const converged = new Run(context, true, observed)
  await phase(differing.length === 0 ? 'Prove' : 'Apply and prove', () => pass(converged))
  return outcome('apply', converged, [])
}

/** What could not be read is not touched, nor what it rests on: a half-known chain is not taken apart. */
async function removed(
  want: Desired,
  observed: Run,
  standing: Standing,
  context: RunContext,
  phase: Phase
): Promise<Outcome> {
  const mode = want.dryRun ? 'dry-run' : 'remove'
  const plan = planOf(observed.removables)
  const seen = observed.hops.map((hop) => (hop.result === 'failed' ? hop : asIs(hop)))
  if (seen.some(({ result }) => result === 'failed')) return outcome(mode, observed, [], seen)
  const missing = want.dryRun
    ? []
    : await rightsFor(dueOf(plan), standing, want, context.planes, phase, REMOVES)
  if (missing.length > 0) return outcome(mode, observed, missing, seen)
  const done = await phase('Remove', () => carriedOut(plan, want.dryRun, context))
  const rest = seen.filter(({ hop }) => !done.some((one) => one.hop === hop))
  return outcome(mode, observed, [], [...rest, ...done])
}

/** Of a hop that remove leaves alone or finds gone, only the fact is told: what apply would want of it is no matter. */
function asIs({ hop, summary, start, end }: HopOutcome): HopOutcome {
  const kept = hop === 'cluster' || hop === 'argocd'
  const left = `left as it is, others may rest on it: ${summary ?? ''}`
  return {
    hop,
    result: 'unchanged',
    changes: [],
    start,
    end,
    summary: kept ? left : 'nothing to remove'
  }
}

async function rightsFor(
  due: readonly HopName[],
  standing: Standing,
  want: Desired,
  planes: Planes,
  phase: Phase,
  table = WRITES
): Promise<ProblemFacts[]> {
  if (due.length === 0) return []
  return phase('Check the rights for what is to be written', () =>
    missingRights(due, table, standing, want, planes)
  )
}

const NOT_PROVED: Omit<ProofOutcome, 'start' | 'end'> = {
  verification: 'skipped',
  reason: 'verification is none',
  commits: {}
}

async function outcome(
  mode: Outcome['mode'],
  run: Run,
  problems: readonly ProblemFacts[],
  hops: readonly HopOutcome[] = run.hops
): Promise<Outcome> {
  const { facts } = run
  const changed = hops.some(({ result }) => ['created', 'updated', 'removed'].includes(result))
  const drift = hops.some(
    ({ result }) => result === 'drifted' || result === 'missing' || result === 'unknown'
  )
  const proof = (await run.proof) ?? { ...NOT_PROVED, start: 0, end: 0 }
  return { mode, hops, facts, changed, drift, problems, proof: judged(mode, hops, proof) }
}

/** Access that works is not enough: Argo CD only has it when every hop is in order. Never green while broken. */
function judged(mode: Outcome['mode'], hops: readonly HopOutcome[], proof: ProofOutcome): ProofOutcome {
  const open = hops.find(({ result }) => !['unchanged', 'created', 'updated'].includes(result))
  if (mode === 'dry-run' || proof.verification !== 'verified' || !open) return proof
  return {
    ...proof,
    verification: 'failed',
    reason: `the access itself works, but ${open.hop} is ${open.result}`
  }
}
