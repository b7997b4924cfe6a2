/** Which targets of a file a run is for. */
import { toSafeLine } from '../../core/safe-text.ts'
import { InvalidInputs } from '../inputs.ts'
import { findUnexpanded } from '../unexpanded.ts'
import { jobsOf } from './batches.ts'
import { RESERVED } from './file.ts'
import type { FileTarget } from './target.ts'
import type { Fleet } from './targets.ts'

/** Names in a message. */
const SHOWN = 10

/**
 * @param text of the input `target`: names of targets or batches, one per line, each as `mode: plan` wrote it
 *   (`name@digest`) or alone; empty: all
 * @returns each once, in the order of the file
 * @throws {InvalidInputs} for a name that is none, and for one of another plan
 */
export function selectTargets(fleet: Fleet, text: string): readonly FileTarget[] {
  const asked = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (asked.length === 0) return fleet.targets
  const unexpanded = findUnexpanded(text)
  if (unexpanded) throw fault(unexpanded.problem, unexpanded.remedy)
  const chosen = new Set(asked.flatMap((line) => targetsFor(fleet, line)))
  return fleet.targets.filter((target) => chosen.has(target))
}

function targetsFor({ path, targets, digest, isQueried }: Fleet, line: string): readonly FileTarget[] {
  const at = line.lastIndexOf('@')
  const name = at === -1 ? line : line.slice(0, at)
  const planned = at === -1 ? undefined : line.slice(at + 1)
  const isSame = (one: { readonly name: string }): boolean => one.name.toLowerCase() === name.toLowerCase()
  const found = targets.find(isSame)
  if (planned !== undefined && isQueried && !found && !RESERVED.test(name))
    throw fault(
      `The query of ${path} no longer finds ${toSafeLine(name, 100)}: its cluster is gone, or what the query asks for has changed there.`,
      'Plan again; run remove with a target of its own if the cluster is still there.'
    )
  if (planned !== undefined && planned !== digest)
    throw fault(
      isQueried
        ? `${path}, or what its query finds, is not what was planned: the plan was ${toSafeLine(planned, 40)}, it is ${digest} now.`
        : `${path} is not the file that was planned: the plan was ${toSafeLine(planned, 40)}, the file is ${digest} now.`,
      'Use the same commit in all jobs, or plan again.'
    )
  if (found) return [found]
  const batches = jobsOf(targets).filter((job) => job.name.startsWith('batch-'))
  const batch = batches.find(isSame)
  if (batch) return batch.targets
  throw fault(`${path} has no target "${toSafeLine(name, 100)}".`, `Choose ${namesOf(targets)}.`)
}

function fault(problem: string, remedy: string): InvalidInputs {
  return new InvalidInputs([{ input: 'target', problem, remedy }])
}

function namesOf(targets: readonly FileTarget[]): string {
  const names = targets.slice(0, SHOWN).map(({ name }) => name)
  const left = targets.length - names.length
  return `${names.join(', ')}${left > 0 ? ` or one of ${left} more` : ''}`
}
