/** A rollout of the repo-server that does not go on: all may be well today, and a diagnosis is called for. */
import type { ResourceOutcome } from '../engine/outcome.ts'

export function isStalled({ findings }: Pick<ResourceOutcome, 'findings'>): boolean {
  return findings.some(({ id }) => id === 'workload/rollout-stalled')
}
