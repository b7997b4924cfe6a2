/** Parses `registries`: all lines, with what is wrong between them. */
import { input } from '../core/input-name.ts'
import type { Fault } from './inputs.ts'
import { InvalidRegistry, parseRegistry, type RegistryReference } from './registry-reference.ts'

/** Each line may be a request of its own. */
const MOST = 100

export function parseRegistries(lines: readonly string[], fault: Fault): RegistryReference[] {
  if (lines.length > MOST) {
    fault('registries', `It has ${lines.length} lines; the limit is ${MOST}.`, 'Use several steps.')
    return []
  }
  const found: RegistryReference[] = []
  for (const line of lines) {
    try {
      add(parseRegistry(line), found)
    } catch (error) {
      if (!(error instanceof InvalidRegistry)) throw error
      fault('registries', error.problem, error.remedy)
    }
  }
  return found
}

function add(one: RegistryReference, found: RegistryReference[]): void {
  const same = found.filter(({ host }) => host === one.host)
  const other = same.find(({ id }) => id !== undefined && one.id !== undefined && !isSame(id, one.id))
  if (other)
    throw new InvalidRegistry(
      `${one.host} is given with two resource ids.`,
      `Correct one of these lines of ${input('registries')}.`
    )
  const key = ({ url, chart }: RegistryReference): string =>
    `${url} ${chart ? `${chart.path}:${chart.version}` : ''}`
  if (!same.some((two) => key(two) === key(one))) found.push(one)
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
