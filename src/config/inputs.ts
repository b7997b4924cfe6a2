/** Parses raw text by input name to typed values, using only the inputs table. Collects the faults of all inputs. */
import { Problem } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { MODES, type HostKind, type Mode } from './row.ts'
import { INPUTS, inputsFor, isRequiredBy, isUsedBy, type InputName } from './table.ts'
import { findUnexpanded } from './unexpanded.ts'

type Row = (typeof INPUTS)[number]

/** The type of an input, from its row: a choice is one of its choices; seconds become ms; optional inputs may be undefined. */
type ValueOf<R> = R extends { kind: 'boolean' }
  ? boolean
  : R extends { kind: 'choice'; choices: readonly (infer C)[] }
    ? C
    : R extends { kind: 'seconds' | 'number' }
      ? number
      : R extends { kind: 'lines' }
        ? readonly string[]
        : R extends { required: true } | { default: string }
          ? string
          : string | undefined

export type Values = { readonly [R in Row as R['name']]: ValueOf<R> }

export interface InputFault {
  readonly input: string
  readonly problem: string
  readonly remedy: string
}

/** Reports a fault. Never pass a value that may contain a secret. */
export type Fault = (input: string, problem: string, remedy: string) => void

/** All faults of the inputs. */
export class InvalidInputs extends Problem {
  override readonly name = 'InvalidInputs'
  readonly faults: readonly InputFault[]
  /** Possible credentials in the inputs, to be masked before anything is printed. */
  readonly secrets: readonly string[]
  constructor(faults: readonly InputFault[], secrets: readonly string[] = []) {
    const lines = faults.map(({ input: name, problem, remedy }) => `  ${labelOf(name)}: ${problem} ${remedy}`)
    super({
      id: 'inputs/invalid',
      summary: `${faults.length === 1 ? 'One input is' : `${faults.length} inputs are`} invalid; nothing was read or written.\n${lines.join('\n')}`,
      remedy: 'correct the inputs named above'
    })
    this.faults = faults
    this.secrets = secrets
  }
}

/** An unknown name is shown as given. */
function labelOf(name: string): string {
  return INPUTS.some((row) => row.name === name) ? input(name) : name
}

const DERIVED = 'Correct it, or leave it out to have it derived.'

/**
 * @param given raw text by input name, from the host; empty text counts as absent, as on GitHub
 * @returns the values, and the inputs that were refused; the values of these are unused placeholders
 */
export function readInputs(
  given: ReadonlyMap<string, string>,
  fault: Fault,
  kind: HostKind = 'elsewhere'
): { readonly values: Values; readonly refused: ReadonlySet<InputName> } {
  refuseUnknown(given, fault, kind)
  const mode = MODES.find((one) => one === given.get('mode')?.trim()) ?? 'apply'
  const refused = new Set<InputName>()
  const values = INPUTS.map((row) => {
    const text = textOf(row, given)
    const refuse = (problem: string, remedy: string): void => {
      refused.add(row.name)
      fault(row.name, problem, remedy)
    }
    const absent = textOf(row, new Map())
    const unexpanded = text === undefined ? undefined : findUnexpanded(text)
    const unused = !isUsedBy(row, mode) && text !== absent
    if (!unexpanded && !unused) return [row.name, valueOf(row, text, mode, refuse)] as const
    if (unexpanded) refuse(unexpanded.problem, unexpanded.remedy)
    else refuse(`${input('mode', mode)} does not use it.`, 'Leave it out.')
    return [row.name, valueOf(row, absent, mode, () => undefined)] as const
  })
  return { values: Object.fromEntries(values) as Values, refused }
}

/**
 * What is wrong with the text of one input, looked at alone.
 *
 * @param text not empty
 */
export function faultOf(row: Row, text: string): Pick<InputFault, 'problem' | 'remedy'> | undefined {
  const unexpanded = findUnexpanded(text)
  if (unexpanded) return unexpanded
  let found: Pick<InputFault, 'problem' | 'remedy'> | undefined
  valueOf(row, text.trim(), 'apply', (problem, remedy) => {
    found = { problem, remedy }
  })
  return found
}

function textOf(row: Row, given: ReadonlyMap<string, string>): string | undefined {
  const text = given.get(row.name)?.trim() ?? ''
  if (text !== '') return text
  return 'default' in row ? row.default : undefined
}

function valueOf(
  row: Row,
  text: string | undefined,
  mode: Mode,
  refuse: (problem: string, remedy: string) => void
): boolean | number | string | readonly string[] | undefined {
  // The host handles service connections itself.
  if (text === undefined && isRequiredBy(row, mode) && row.kind !== 'connection')
    refuse('It is required.', 'hint' in row ? row.hint : '')
  switch (row.kind) {
    case 'boolean': {
      const value = text?.toLowerCase() ?? ''
      if (value !== 'true' && value !== 'false')
        refuse(`"${value}" is not a boolean.`, 'Write true or false.')
      return value === 'true'
    }
    case 'choice': {
      const found = row.choices.find((one) => one === text)
      if (found === undefined)
        refuse(`"${text ?? ''}" is not one of the choices.`, `Choose one of ${row.choices.join(', ')}.`)
      return found ?? row.choices[0]
    }
    case 'seconds': {
      const [least, most] = row.range
      const seconds = Number(text)
      if (seconds >= least && seconds <= most) return seconds * 1000
      refuse(`"${text ?? ''}" is not ${least} to ${most} seconds.`, row.hint)
      return 0
    }
    case 'number': {
      const [least, most] = row.range
      const number = Number(text)
      if (Number.isInteger(number) && number >= least && number <= most) return number
      refuse(`"${text ?? ''}" is not a whole number from ${least} to ${most}.`, row.hint)
      return least
    }
    case 'lines':
      return (text ?? '')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
    default:
      if (text === undefined) return 'required' in row ? '' : undefined
      if (!('pattern' in row) || row.pattern.test(text)) return text
      refuse(`"${text}" is not ${row.form}.`, 'hint' in row ? row.hint : DERIVED)
      return 'default' in row ? row.default : undefined
  }
}

function refuseUnknown(given: ReadonlyMap<string, string>, fault: Fault, kind: HostKind): void {
  const names: readonly string[] = inputsFor(kind).map((row) => row.name)
  for (const name of given.keys()) {
    if (names.includes(name)) continue
    const { problem, remedy } = unknownInput(name, kind)
    fault(name, problem, remedy)
  }
}

/** The fault of an unknown input, with the name that was probably meant. */
export function unknownInput(name: string, kind: HostKind = 'elsewhere'): InputFault {
  const names = inputsFor(kind).map((row) => row.name)
  const plain = (text: string): string => text.replaceAll(/[^a-z]/g, '')
  const near = names.find((known) => plain(known).includes(plain(name)) || plain(name).includes(plain(known)))
  return {
    input: name,
    problem: 'There is no such input.',
    remedy:
      near === undefined
        ? `Known: ${names.map((known) => input(known)).join(', ')}.`
        : `Did you mean ${input(near)}?`
  }
}
