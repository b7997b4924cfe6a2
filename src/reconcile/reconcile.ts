/** One run: observe the whole chain; in apply, check the rights, then write what differs; prove. */
import type { Planes } from '../clients/planes.ts'
import { wait } from '../clients/retries.ts'
import { explain } from '../diagnosis/catalogue.ts'
import type { ProblemFacts } from '../diagnosis/problem.ts'
import type { Desired } from '../inputs/parse.ts'
import { chain, type Standing } from './chain.ts'
import type { HopName, HopOutcome, Outcome, ProofOutcome } from './outcomes.ts'
import { carriedOut, dueOf, planOf } from './removal.ts'
import { missingRights, REMOVES, WRITES } from './rights.ts'
import { Run, type RunContext } from './run.ts'

/** How long, in ms, the proof waits when nothing was written that it rests on: only slow replicas can cure a refusal. */
const SETTLED_PATIENCE = 30_000
const PROVED: ReadonlySet<HopName> = new Set([
  'cluster',
  'identity',
  'federated-credential',
  'entitlement',
  'permission'
])

/** Phases, as the log groups them. */
export type Phase = <T>(title: string, work: () => Promise<T>) => Promise<T>

export async function reconcile(want: Desired, context: RunContext, phase: Phase): Promise<Outcome> {
  const { planes, patience } = context
  const checking = want.mode === 'check'
  const pass = (run: Run, budget: number): Promise<Standing> =>
    chain(run, want, planes, { ...patience, budget })
  const settled = Math.min(SETTLED_PATIENCE, want.verificationTimeout)
  const observed = new Run(context, { proving: checking })
  const standing = await phase('Observe', () => pass(observed, settled))
  if (want.mode === 'remove') {
    const look = async (): Promise<Run> => {
      const again = new Run({ ...context, done: () => undefined }, { fresh: true })
      await pass(again, settled)
      return again
    }
    return removed(want, observed, standing, context, phase, look)
  }
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
  const converged = new Run(context, { proving: true, observed })
  const fresh = differing.some(({ hop }) => PROVED.has(hop))
  await phase(differing.length === 0 ? 'Prove' : 'Apply and prove', () =>
    pass(converged, fresh ? want.verificationTimeout : settled)
  )
  return outcome('apply', converged, [])
}

/** How often what is not there is looked for before it is believed to be gone, and the first wait between, in ms. */
const LOOKS = 4
const FIRST_WAIT = 200

/**
 * What could not be read is not touched, nor what it rests on: a half-known chain is not taken apart. A service may
 * answer with what was before: what looks absent is looked for again, and the identity goes only when nothing of what
 * is found by it is left.
 *
 * @param look observes the chain anew
 */
async function removed(
  want: Desired,
  first: Run,
  standing: Standing,
  context: RunContext,
  phase: Phase,
  look: () => Promise<Run>
): Promise<Outcome> {
  const { dryRun } = want
  const done: HopOutcome[] = []
  const allowed = new Set<HopName>()
  const isOpen = (name: HopName): boolean => !done.some(({ hop }) => hop === name)
  /** @param why what is there was left */
  const ended = (run: Run, why = '', problems: readonly ProblemFacts[] = []): Promise<Outcome> => {
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
    return outcome(dryRun ? 'dry-run' : 'remove', first, problems, [...rest, ...done])
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
      const missing = await rightsFor(due, standing, want, context.planes, phase, REMOVES)
      if (missing.length > 0) return ended(run, 'a right is missing', missing)
      for (const hop of due) allowed.add(hop)
      if (left.length > 0) await phase('Remove', () => carriedOut(plan, dryRun, context, done))
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
    // What cannot be asked is not known to be allowed; what was observed is reported all the same.
    missingRights(due, table, standing, want, planes).catch((error: unknown) => [explain(error)])
  )
}

const NOT_PROVED: ProofOutcome = {
  verification: 'skipped',
  reason: 'verification is none',
  commits: {},
  start: 0,
  end: 0
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
  const proofs = await run.proofs()
  return { mode, hops, facts, changed, drift, problems, proofs, proof: judged(mode, hops, together(proofs)) }
}

/** Argo CD's own word is the last one, where it was asked. */
function together({ access = NOT_PROVED, argocd }: Outcome['proofs']): ProofOutcome {
  if (access.verification !== 'verified' || !argocd) return access
  const { start } = access
  if (argocd.verification === 'skipped') return { ...access, reason: `${access.reason}; ${argocd.reason}` }
  if (argocd.verification !== 'verified') return { ...argocd, start }
  return { ...argocd, start, reason: `${access.reason}; ${argocd.reason}` }
}

/** Access that works is not enough: Argo CD only has it when every hop is in order. Never green while broken. */
function judged(mode: Outcome['mode'], hops: readonly HopOutcome[], proof: ProofOutcome): ProofOutcome {
  const open = hops.find(({ result }) => !['unchanged', 'created', 'updated'].includes(result))
  if (mode === 'dry-run' || !['verified', 'pending'].includes(proof.verification) || !open) return proof
  return {
    ...proof,
    verification: 'failed',
    reason: `the access itself works, but ${open.hop} is ${open.result}`
  }
}
