/** What a run comes to, judged by its hops and its proofs. */
import type { ProblemFacts } from '../core/problem.ts'
import type { HopOutcome, Outcome, ProofOutcome } from './outcome.ts'
import type { Graph } from './graph.ts'

const NOT_PROVED: ProofOutcome = {
  verification: 'skipped',
  reason: 'verification is none',
  commits: {},
  start: 0,
  end: 0
}

export async function outcomeOf(
  mode: Outcome['mode'],
  run: Graph<unknown>,
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
  if (mode === 'dry-run' || !['verified', 'inconclusive'].includes(proof.verification) || !open) return proof
  return {
    ...proof,
    verification: 'failed',
    reason: `the access itself works, but ${open.hop} is ${open.result}`
  }
}
