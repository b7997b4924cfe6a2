/** A verification tries what was built. It starts when the nodes it requires are in order. */
import { Inconclusive, type Finding, type FindingFacts } from '../core/finding.ts'
import { isInOrder, MissingOutput, type Node } from './node.ts'
import type {
  RepositoryOutcome,
  VerificationName,
  VerificationOutcome,
  VerificationResult
} from './outcome.ts'

export interface Evidence {
  /** One line: who read what. */
  readonly reason: string
  /** The commit that was read, by URL. */
  readonly commits: Readonly<Record<string, string>>
  /** By URL, where not all were read: then what was is evidence for those. */
  readonly repositories?: Readonly<Record<string, RepositoryOutcome>>
}

/**
 * Returns the evidence, or why there was no need to verify. Throws when the verification fails.
 *
 * @param report for findings that do not decide the result
 */
export type Verify<E extends Evidence> = (report: (finding: Finding) => void) => Promise<E | NotNeeded<E>>

export class NotNeeded<E extends Evidence = Evidence> {
  readonly reason: string
  /** What the nodes that require this verification go on with; absent: they are skipped, too. */
  readonly instead: E | undefined
  constructor(reason: string, instead?: E) {
    this.reason = reason
    this.instead = instead
  }
}

/** @param context `verifies`: whether this pass verifies at all; `now`: ms since the run began */
export async function runVerification<E extends Evidence>(
  name: VerificationName,
  verify: Verify<E>,
  nodes: { readonly required: readonly Node[]; readonly either: readonly (readonly Node[])[] },
  {
    verifies,
    explain,
    now
  }: {
    readonly verifies: boolean
    readonly explain: (error: unknown) => Promise<FindingFacts>
    readonly now: () => number
  }
): Promise<{ readonly outcome: VerificationOutcome; readonly evidence?: E }> {
  // Without access nothing works; the verification by Argo CD only adds to it.
  const notTried = name === 'access' ? 'failed' : 'skipped'
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
  if (!verifies) return end('skipped', 'this run changed nothing that could be verified')
  const groups = await Promise.all(nodes.either.map(notInOrder))
  const why =
    (await notInOrder(nodes.required)) ?? (groups.every((one) => one !== undefined) ? groups[0] : undefined)
  if (why !== undefined) return end(notTried, why)
  start = now()
  try {
    const evidence = await verify((finding) => {
      // Of several repositories the same may be to be said.
      if (!findings.some(({ id, summary }) => id === finding.id && summary === finding.summary))
        findings.push(finding)
    })
    if (evidence instanceof NotNeeded) {
      const { reason, instead } = evidence
      return { ...end('skipped', reason), ...(instead && { evidence: instead }) }
    }
    const { commits, repositories = {} } = evidence
    const { result, reason } = together(evidence.reason, repositories)
    const outcome = end(result, reason, { commits, ...(evidence.repositories && { repositories }) })
    return Object.keys(commits).length === 0 && result !== 'verified' ? outcome : { ...outcome, evidence }
  } catch (error) {
    if (error instanceof MissingOutput) return end(notTried, `${error.from} does not exist`)
    const problem = await explain(error)
    return end(error instanceof Inconclusive ? 'inconclusive' : 'failed', problem.summary, { problem })
  }
}

/** The first of the nodes that is not in order, with what it is instead; undefined when all are. */
export async function notInOrder(nodes: readonly Node[]): Promise<string | undefined> {
  for (const node of nodes) {
    const result = await node.result
    if (!isInOrder(result) && !(await isEvidence(node)))
      return `${node.name} ${result === 'failed' ? 'failed' : `is ${result}`}`
  }
  return undefined
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
