/** The verdict of a run that moved Secrets: 1 when one failed or was rolled back, 2 when one that could go is blocked. */
import type { Migration, MoveState } from '../engine/moves.ts'
import type { Outcome } from '../engine/outcome.ts'

export function migrationVerdict(
  mode: Outcome['mode'],
  { moves, before, after }: Migration
): { readonly exitCode: 0 | 1 | 2; readonly summary: string } {
  const count = (...states: readonly MoveState[]): number =>
    moves.filter(({ state }) => states.includes(state)).length
  const some = (number: number, words: string): string[] => (number === 0 ? [] : [`${number} ${words}`])
  const waiting = some(count('waits'), 'blocked, with what to do')
  const staying = some(count('stays'), 'must stay')
  if (mode === 'dry-run') {
    const parts = [...some(count('open'), 'would be moved'), ...waiting, ...staying]
    return { exitCode: 0, summary: `Rehearsal, nothing was written: ${listed(parts)}.` }
  }
  const failed = [
    ...some(count('rolled-back'), 'rolled back'),
    ...some(count('failed'), 'failed'),
    ...some(count('open'), 'not tried')
  ]
  if (mode === 'rollback') {
    const wrong = moves.some(
      ({ state, problem }) => state === 'failed' || (state === 'rolled-back' && problem)
    )
    const parts = [...some(count('rolled-back'), 'put back'), ...some(count('failed'), 'failed'), ...waiting]
    return { exitCode: wrong ? 1 : 0, summary: `Stored credentials: ${listed(parts)}.` }
  }
  const parts = [...some(count('migrated'), 'moved to the identity'), ...failed, ...waiting, ...staying]
  const exitCode = failed.length > 0 ? 1 : waiting.length > 0 ? 2 : 0
  return { exitCode, summary: `${before} stored credentials before, ${after} after: ${listed(parts)}.` }
}

function listed(parts: readonly string[]): string {
  return parts.length === 0 ? 'there is nothing to move' : parts.join(', ')
}
