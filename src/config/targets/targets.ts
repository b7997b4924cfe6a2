/**
 * Targets of a file become given inputs, before any parser reads them: a target means exactly what the same values mean
 * in a workflow. Loaded only when `targets` is given.
 */
import { createHash } from 'node:crypto'
import { toSafeLine } from '../../core/safe-text.ts'
import { credentialsIn, withoutCredentials } from '../../core/text.ts'
import { InvalidInputs, type InputFault } from '../inputs.ts'
import { MODES, type HostKind } from '../row.ts'
import { isUsedBy } from '../table.ts'
import { findUnexpanded } from '../unexpanded.ts'
import { refuseConflicts } from './conflicts.ts'
import { readTargetsFile, TARGET_INPUTS, type TargetsFile } from './file.ts'
import type { FileTarget } from './target.ts'
import { withFound } from './found.ts'
import { withIdentities } from './identities.ts'
import type { FaultAt } from './yaml-tree.ts'

/** All targets of a file, and the plan that they are. */
export interface Fleet {
  readonly path: string
  readonly targets: readonly FileTarget[]
  /** 16 hexadecimal digits: the same as long as every target has the same values. */
  readonly digest: string
  /** Whether a query found some of them. */
  readonly isQueried: boolean
}

/** A file that is in order, as far as it says by itself which targets there are. */
export interface FleetFile {
  readonly path: string
  readonly file: TargetsFile
  /**
   * The fleet, with the clusters that the query of the file found.
   *
   * @throws {InvalidInputs} with every fault of these targets, by line
   */
  readonly fleet: (found: readonly string[]) => Fleet
}

/** One target as the inputs of a run. */
export interface TargetInputs {
  readonly name: string
  readonly given: ReadonlyMap<string, string>
  /** Names the line of the file in a fault about a value that comes from there. */
  readonly located: (fault: InputFault) => InputFault
}

/** A file with a thousand faults has one kind of them. */
const MOST_FAULTS = 40
/** In characters, of one fault: a line of the file may be endless. */
const LONGEST = 500

/**
 * Reads the file that the input `targets` names, whole.
 *
 * @throws {InvalidInputs} with every fault of the file, by line
 */
export function readFleetFile(given: ReadonlyMap<string, string>, environment: NodeJS.ProcessEnv): FleetFile {
  const path = given.get('targets')?.trim() ?? ''
  if (path === '')
    throw new InvalidInputs([
      faultOf('It is required.', 'Give the path of a YAML file, as in docs/targets.md.')
    ])
  const unexpanded = findUnexpanded(path)
  if (unexpanded) throw new InvalidInputs([faultOf(unexpanded.problem, unexpanded.remedy)])
  const devopsUrl = environment['AZURE_DEVOPS_URL']
  const faults = new Faults(path)
  const file = readTargetsFile(path, devopsUrl, faults.at, (problem, remedy) => {
    faults.add(0, problem, remedy)
  })
  if (file.query === undefined) refuseConflicts(file.targets, devopsUrl, faults.at)
  faults.refuse(file.targets)
  return {
    path,
    file,
    fleet(found) {
      const now = new Faults(path)
      const all = file.query === undefined ? file.targets : withFound(file, found, now.at)
      if (file.query !== undefined) refuseConflicts(all, devopsUrl, now.at)
      now.refuse(all)
      const targets = file.shared ? withIdentities(all, file.shared) : all
      return { path, targets, digest: digestOf(targets), isQueried: file.query !== undefined }
    }
  }
}

/** Of one file, by line. */
class Faults {
  readonly #found: { readonly line: number; readonly fault: InputFault }[] = []
  readonly #path: string
  constructor(path: string) {
    this.#path = path
  }

  add(line: number, problem: string, remedy: string): void {
    this.#found.push({ line, fault: faultOf(problem, remedy) })
  }

  readonly at: FaultAt = (line, problem, remedy) => {
    this.add(line, `${this.#path}:${line}: ${problem}`, remedy)
  }

  /** @throws {InvalidInputs} when there are any */
  refuse(targets: readonly FileTarget[]): void {
    if (this.#found.length === 0) return
    const sorted = this.#found.toSorted((a, b) => a.line - b.line).map(({ fault }) => fault)
    const left = sorted.length - MOST_FAULTS
    const more = left > 0 ? [faultOf(`${left} more lines are faulty.`, 'Correct these first.')] : []
    throw new InvalidInputs([...sorted.slice(0, MOST_FAULTS), ...more], secretsOf(targets))
  }
}

function faultOf(problem: string, remedy: string): InputFault {
  return {
    input: 'targets',
    problem: toSafeLine(withoutCredentials(problem), LONGEST),
    remedy: toSafeLine(withoutCredentials(remedy), LONGEST)
  }
}

/** Of values that look like URLs with a credential: they are masked before the fault is shown. */
function secretsOf(targets: readonly FileTarget[]): string[] {
  const texts = new Set(targets.flatMap(({ values }) => [...values.values()].map(({ text }) => text)))
  return [...texts].flatMap((text) => text.split('\n').flatMap(credentialsIn))
}

function digestOf(targets: readonly FileTarget[]): string {
  const plan = targets.map(({ name, values }) => [
    name,
    [...values].map(([input, { text }]) => [input, text]).toSorted(byName)
  ])
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16)
}

function byName([a = '']: readonly string[], [b = '']: readonly string[]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * The given inputs with the values of a target. What the mode or the host does not use is left out: the file describes
 * targets for all of them.
 *
 * @param host that gave the inputs
 * @throws {InvalidInputs} where an input given beside the file contradicts it
 */
export function inputsOf(
  { path }: Fleet,
  { name, values }: FileTarget,
  given: ReadonlyMap<string, string>,
  host: HostKind = 'elsewhere'
): TargetInputs {
  const mode = MODES.find((one) => one === given.get('mode')?.trim()) ?? 'apply'
  const merged = new Map(given)
  const faults: InputFault[] = []
  for (const row of TARGET_INPUTS) {
    const value = values.get(row.name)
    if (!value || !isUsedBy(row, mode) || ('only' in row && row.only !== host)) continue
    const direct = linesOf(given.get(row.name) ?? '')
    // Hosts give every default, so a default is no contradiction.
    const isDefault = direct === '' || ('default' in row && direct === row.default)
    if (!isDefault && direct !== linesOf(value.text))
      faults.push({
        input: row.name,
        problem: `It contradicts line ${value.line} of ${path}, which ${name} has it from.`,
        remedy: 'Leave it out, or correct the file.'
      })
    merged.set(row.name, value.text)
  }
  if (faults.length > 0) throw new InvalidInputs(faults)
  return {
    name,
    given: merged,
    located({ input, problem, remedy }) {
      const value = values.get(input)
      return value === undefined
        ? { input, problem, remedy }
        : faultOf(`${path}:${value.line}: ${input} of ${name}: ${problem}`, remedy)
    }
  }
}

function linesOf(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
}
