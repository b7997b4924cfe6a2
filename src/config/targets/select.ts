/** Which targets of a file a run is for. */
import { toSafeLine } from '../../core/safe-text.ts'
import { InvalidInputs } from '../inputs.ts'
import type { FileTarget } from './file.ts'
import type { Fleet } from './targets.ts'

/** Names in a message. */
const SHOWN = 10

/**
 * @param text of the input `target`
 * @throws {InvalidInputs} when it names none
 */
export function targetOf({ path, targets }: Fleet, text: string): FileTarget {
  const asked = text.trim()
  const found = targets.find(({ name }) => name.toLowerCase() === asked.toLowerCase())
  if (found) return found
  const problem =
    asked === ''
      ? `${path} has ${targets.length} targets, and none is chosen.`
      : `${path} has no target "${toSafeLine(asked, 100)}".`
  throw new InvalidInputs([{ input: 'target', problem, remedy: `Choose ${namesOf(targets)}.` }])
}

function namesOf(targets: readonly FileTarget[]): string {
  const names = targets.slice(0, SHOWN).map(({ name }) => name)
  const left = targets.length - names.length
  return `${names.length === 1 ? '' : 'one of '}${names.join(', ')}${left > 0 ? ` or one of ${left} more` : ''}`
}
