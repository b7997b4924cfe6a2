/** What the run comes to: the exit code, one sentence, and every problem that needs somebody to act. */
import type { ProblemFacts } from '../core/problem.ts'
import type { Change, HopOutcome, Outcome, Result } from '../engine/outcome.ts'

/** A problem, with the hop it belongs to. */
export interface PlacedProblem extends ProblemFacts {
  readonly hop?: string
}

export interface Verdict {
  /** 0 in order, 1 error, 2 drift. */
  readonly exitCode: 0 | 1 | 2
  readonly text: string
  readonly problems: readonly PlacedProblem[]
}

export function verdictOf(outcome: Outcome, failOnDrift: boolean): Verdict {
  const problems = problemsOf(outcome)
  const { mode, hops, changed, drift, proof } = outcome
  const blocks = ({ changes }: HopOutcome): boolean =>
    mode !== 'check' && changes.some(({ blocked }) => blocked)
  const failed = hops.filter((one) => one.result === 'failed' || blocks(one)).map(({ hop }) => hop)
  const unproved = proof.verification === 'failed'
  const cancelled = problems.some(({ code }) => code === 'Cancelled')
  if (failed.length > 0 || outcome.problems.length > 0 || cancelled) {
    const where =
      failed.length > 0 ? ` at ${failed.join(', ')}` : cancelled ? '' : ' at the check of the rights'
    const text = `${cancelled ? 'Cancelled' : 'Failed'}${where}. ${mode === 'check' ? '' : doneSoFar(outcome, cancelled)}`
    return { exitCode: 1, text: text.trim(), problems }
  }
  if (mode === 'dry-run') {
    const text = drift ? 'Dry run: the hops above would be changed; nothing was.' : 'Dry run: nothing to do.'
    return { exitCode: 0, text, problems: [] }
  }
  if (mode === 'remove') {
    const named = (result: string): string =>
      hops
        .filter((hop) => hop.result === result)
        .map(({ hop }) => hop)
        .join(', ')
    const left = named('skipped')
    const text = changed ? `Removed: ${named('removed')}.` : 'Nothing to remove.'
    return { exitCode: 0, text: left === '' ? text : `${text} Left, with the reason: ${left}.`, problems: [] }
  }
  if (drift) {
    const names = hops
      .filter(({ result }) => result === 'drifted' || result === 'missing')
      .map(({ hop }) => hop)
    return {
      exitCode: failOnDrift ? 2 : 0,
      text: `Drift at ${names.join(', ')}. Verification: ${proof.reason}.`,
      problems
    }
  }
  if (unproved) return { exitCode: 1, text: `Not verified: ${proof.reason}`, problems }
  // Verifying is apply's job; who accepts less says so by `verification: access`.
  if (mode === 'apply' && proof.verification === 'inconclusive')
    return {
      exitCode: 1,
      text: `${changed ? 'Changed' : 'Unchanged'}, but not verified: ${proof.reason}`,
      problems
    }
  const proved =
    proof.verification === 'verified' ? 'verified' : `verification ${proof.verification} (${proof.reason})`
  const text =
    mode === 'check' ? `In order, no drift, ${proved}.` : `${changed ? 'Changed' : 'Unchanged'}, ${proved}.`
  return { exitCode: 0, text, problems }
}

const WRITTEN: readonly Result[] = ['created', 'updated', 'removed']

/** A write that failed may have been heard all the same: of that hop nothing is said. */
function doneSoFar({ hops, mode }: Outcome, cancelled: boolean): string {
  const done = hops.filter(({ result }) => WRITTEN.includes(result))
  const tried = hops.some(({ result, changes }) => result === 'failed' && changes.length > 0)
  const next = cancelled ? 'run again to go on.' : 'run again after mending the cause.'
  if (done.length > 0)
    return `Done so far: ${done.map(({ hop, result }) => `${hop} ${result}`).join(', ')}; ${next}`
  return tried && mode !== 'dry-run' ? `Nothing else was written; ${next}` : 'Nothing was written.'
}

function problemsOf({ hops, problems, proofs, mode }: Outcome): PlacedProblem[] {
  const placed: PlacedProblem[] = [...problems]
  for (const { hop, result, changes, problem } of hops) {
    if (result === 'failed' && problem) placed.push({ hop, ...problem })
    for (const { expected, found, blocked } of changes) {
      if (blocked) placed.push({ hop, expected, found: found ?? 'nothing', ...blocked })
    }
    const open = changes.filter(({ blocked }) => !blocked)
    const drifted = mode === 'check' && (result === 'drifted' || result === 'missing')
    if (drifted && open.length > 0) placed.push({ hop, ...driftOf(open) })
  }
  for (const [name, { problem }] of Object.entries(proofs))
    if (problem) placed.push({ hop: `proof: ${name}`, ...problem })
  return placed
}

/** One thing to do, however many fields of a hop differ: a host shows ten annotations of a step at most. */
function driftOf(changes: readonly Change[]): ProblemFacts {
  const [first, ...others] = changes
  const values = (of: (change: Change) => string): string => changes.map((one) => of(one)).join('; ')
  const what =
    others.length === 0
      ? `${first?.field ?? ''} ${first?.found === undefined ? 'is missing' : 'differs'}.`
      : `${changes.length} fields differ: ${values(({ field }) => field)}.`
  return {
    what,
    expected: values(({ expected }) => expected),
    found: changes.every(({ found }) => found === undefined)
      ? 'nothing'
      : values(({ found }) => found ?? 'nothing'),
    remedy: 'run mode: apply'
  }
}
