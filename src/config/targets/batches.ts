/** Jobs for the targets of a file: one each, as long as the CI system makes that many. */
import type { FileTarget } from './target.ts'

/** GitHub and Azure Pipelines make at most 256 jobs of one matrix. */
export const MOST_JOBS = 256

export interface Job {
  /** Of the target, or of the batch. */
  readonly name: string
  readonly targets: readonly FileTarget[]
}

/**
 * Targets of one identity are in the same batch where possible, since writes to its credentials must not overlap.
 *
 * @param targets in the order of the file
 */
export function jobsOf(targets: readonly FileTarget[]): Job[] {
  if (targets.length <= MOST_JOBS) return targets.map((target) => ({ name: target.name, targets: [target] }))
  const size = Math.ceil(targets.length / MOST_JOBS)
  const sorted = targets.toSorted((a, b) => compare(identityOf(a), identityOf(b)))
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_none, index) => ({
    name: `batch-${index + 1}`,
    targets: sorted.slice(index * size, (index + 1) * size)
  }))
}

function identityOf({ name, values }: FileTarget): string {
  return values.get('identity-name')?.text ?? name
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
