/** Whether a run calls for a diagnosis: evidence is read only for what failed or differs. */
import type { FindingId } from '../core/finding-titles.ts'
import type { Known } from '../chain/rights.ts'
import { isWrong, type Outcome } from '../engine/outcome.ts'
import { isStalled } from '../chain/stalled.ts'

/** Before the identity exists there is no chain, and where a service does not answer there is nothing to read. */
export function isWorthDiagnosing(
  { mode, resources, verifications, problems }: Outcome,
  { identity }: Known
): boolean {
  if (identity === undefined || problems.length > 0) return false
  if (!['apply', 'check', 'dry-run'].includes(mode)) return false
  if (resources.some(({ problem }) => SILENT.has(problem?.id ?? ''))) return false
  // What one request of a verification was refused with says nothing about the others: an account may be missing.
  const verified = Object.values(verifications).map(({ problem }) => problem?.id ?? '')
  if (verified.some((id) => SILENT.has(id) && id !== 'http/refused')) return false
  return (
    resources.some((one) => isWrong(one, mode) || isStalled(one)) ||
    Object.values(verifications).some(({ result }) => result === 'failed' || result === 'inconclusive')
  )
}

/** Whether a service refused something: the remedy can then name what the run has read since. */
export function wasRefused({ resources, problems }: Outcome): boolean {
  return [...problems, ...resources.flatMap(({ problem }) => problem ?? [])].some(({ answered }) => answered)
}

const SILENT: ReadonlySet<string> = new Set<FindingId>([
  'cluster/out-of-reach',
  'http/refused',
  'http/unexpected-reply',
  'http/unreachable',
  'run/cancelled'
])
