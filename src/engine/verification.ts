/** A verification: what was built is tried. It begins when what it requires is in order, and never writes. */
import { Inconclusive, type Finding, type FindingFacts } from '../core/finding.ts'
import { isInOrder, MissingOutput, type Node } from './node.ts'
import type {
  RepositoryOutcome,
  VerificationName,
  VerificationOutcome,
  VerificationResult
} from './outcome.ts'

/** What a verification read, and what it says of that. */
export interface Evidence {
  /** One line: what was seen, by whom. */
  readonly reason: string
  /** URL → commit. */
  readonly commits: Readonly<Record<string, string>>
  /** By URL, where not all were read: then what was is evidence for those. */
  readonly repositories?: Readonly<Record<string, RepositoryOutcome>>
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
    if (!isInOrder(result) && !(await isEvidence(node)))
      return end(untried, `not tried: ${node.name} ${result === 'failed' ? 'failed' : `is ${result}`}`)
  }
  start = now()
  try {
    const evidence = await verify((finding) => {
      // Of several repositories the same may be to be said.
      if (!findings.some(({ id, summary }) => id === finding.id && summary === finding.summary))
        findings.push(finding)
    })
    if (evidence instanceof NotNeeded) return end('skipped', evidence.reason)
    const { commits, repositories = {} } = evidence
    const { result, reason } = together(evidence.reason, repositories)
    const outcome = end(result, reason, { commits, ...(evidence.repositories && { repositories }) })
    return Object.keys(commits).length === 0 && result !== 'verified' ? outcome : { ...outcome, evidence }
  } catch (error) {
    if (error instanceof MissingOutput) return end(untried, `not tried: ${error.from} is not there`)
    const problem = explain(error)
    return end(error instanceof Inconclusive ? 'inconclusive' : 'failed', problem.summary, { problem })
  }
}

/** Another verification that read some of the repositories is something to go on with, for those. */
function isEvidence({ name, output }: Node): Promise<boolean> {
  if (!name.endsWith(' verification')) return Promise.resolve(false)
  return output.then(
    () => true,
    () => false
  )
}

/** How many repositories the one line of reason speaks of. */
const SHOWN = 3

function together(
  reason: string,
  repositories: Readonly<Record<string, RepositoryOutcome>>
): { readonly result: VerificationResult; readonly reason: string } {
  const all = Object.values(repositories)
  const result = (['failed', 'inconclusive'] as const).find((word) => all.some((one) => one.result === word))
  if (result === undefined) return { result: 'verified', reason }
  const open = all.flatMap((one) => (one.result === result && one.problem ? [one.problem.summary] : []))
  const shown = open.slice(0, SHOWN).join('; ')
  const more = open.length > SHOWN ? `; and ${open.length - SHOWN} more` : ''
  const of = all.length === 1 ? '' : `${open.length} of ${all.length} repositories: `
  return { result, reason: `${of}${shown}${more}` }
}
