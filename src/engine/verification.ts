/** A verification: what was built is tried. It begins when what it requires is in order, and never writes. */
import { Inconclusive, type Finding, type FindingFacts } from '../core/finding.ts'
import { isInOrder, MissingOutput, type Node } from './node.ts'
import type { VerificationName, VerificationOutcome, VerificationResult } from './outcome.ts'

/** What a verification read, and what it says of that. */
export interface Evidence {
  /** One line: what was seen, by whom. */
  readonly reason: string
  /** URL → commit. */
  readonly commits: Readonly<Record<string, string>>
}

/**
 * Reads what it is to verify, or says why there was no need to. Throws when it cannot.
 *
 * @param report what somebody should know, though it speaks neither for nor against
 */
export type Verify<E extends Evidence> = (report: (finding: Finding) => void) => Promise<E | NotNeeded>

export class NotNeeded {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** @param context `tries`: whether this pass verifies at all; `now`: ms since the run began */
export async function runVerification<E extends Evidence>(
  name: VerificationName,
  verify: Verify<E>,
  requires: readonly Node[],
  {
    tries,
    explain,
    now
  }: {
    readonly tries: boolean
    readonly explain: (error: unknown) => FindingFacts
    readonly now: () => number
  }
): Promise<{ readonly outcome: VerificationOutcome; readonly evidence?: E }> {
  // Without the access nothing works; Argo CD's word only comes on top of it.
  const untried = name === 'access' ? 'failed' : 'skipped'
  const findings: Finding[] = []
  let start = now()
  const end = (
    result: VerificationResult,
    reason: string,
    more: Partial<VerificationOutcome> = {}
  ): { readonly outcome: VerificationOutcome } => ({
    outcome: {
      result,
      reason,
      commits: {},
      ...(findings.length > 0 && { findings }),
      start,
      end: now(),
      ...more
    }
  })
  if (!tries) return end('skipped', 'nothing was written that could be verified')
  for (const node of requires) {
    const result = await node.result
    if (!isInOrder(result))
      return end(untried, `not tried: ${node.name} ${result === 'failed' ? 'failed' : `is ${result}`}`)
  }
  start = now()
  try {
    const evidence = await verify((finding) => findings.push(finding))
    if (evidence instanceof NotNeeded) return end('skipped', evidence.reason)
    return { ...end('verified', evidence.reason, { commits: evidence.commits }), evidence }
  } catch (error) {
    if (error instanceof MissingOutput) return end(untried, `not tried: ${error.from} is not there`)
    const problem = explain(error)
    return end(error instanceof Inconclusive ? 'inconclusive' : 'failed', problem.summary, { problem })
  }
}
