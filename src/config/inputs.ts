/** Raw text by input name → typed values, by the inputs table alone. Every fault of every input is found at once. */
import { Problem } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import type { Place } from './row.ts'
import { INPUTS, inputsFor, type InputName } from './table.ts'
import { unexpandedIn } from './unexpanded.ts'

type Row = (typeof INPUTS)[number]

/** What an input's text means, by its row: a choice is one of its choices, seconds are ms, what may be absent says so. */
type ValueOf<R> = R extends { kind: 'boolean' }
  ? boolean
  : R extends { kind: 'choice'; choices: readonly (infer C)[] }
    ? C
    : R extends { kind: 'seconds' }
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

/** Told each fault; no value is shown that may hold a secret. */
export type Fault = (input: string, problem: string, remedy: string) => void

/** All that is wrong with the inputs. */
export class InvalidInputs extends Problem {
  override readonly name = 'InvalidInputs'
  readonly faults: readonly InputFault[]
  /** What may be a credential in the inputs: to be masked before anything is printed. */
  readonly secrets: readonly string[]
  constructor(faults: readonly InputFault[], secrets: readonly string[] = []) {
    const lines = faults.map(({ input: name, problem, remedy }) => `  ${named(name)}: ${problem} ${remedy}`)
    super({
      id: 'inputs/invalid',
      summary: `${faults.length === 1 ? 'One input is' : `${faults.length} inputs are`} not usable; nothing was read or written.\n${lines.join('\n')}`,
      remedy: 'correct the inputs named above'
    })
    this.faults = faults
    this.secrets = secrets
  }
}

/** What no input has is shown as it was given. */
function named(name: string): string {
  return INPUTS.some((row) => row.name === name) ? input(name) : name
}

const DERIVED = 'Correct it, or leave it out to have it derived.'

/**
 * @param given raw text by input name, as the host had it; empty text counts as absent, as on GitHub
 * @returns the values, and the inputs whose text was refused: their values are placeholders that nobody uses
 */
export function readInputs(
  given: ReadonlyMap<string, string>,
  fault: Fault,
  place: Place = 'elsewhere'
): { readonly values: Values; readonly refused: ReadonlySet<InputName> } {
  refuseUnknown(given, fault, place)
  const refused = new Set<InputName>()
  const values = INPUTS.map((row) => {
    const text = textOf(row, given)
    const refuse = (problem: string, remedy: string): void => {
      refused.add(row.name)
      fault(row.name, problem, remedy)
    }
    const unexpanded = text === undefined ? undefined : unexpandedIn(text)
    if (!unexpanded) return [row.name, valueOf(row, text, refuse)] as const
    refuse(unexpanded.problem, unexpanded.remedy)
    return [row.name, valueOf(row, textOf(row, new Map()), () => undefined)] as const
  })
  return { values: Object.fromEntries(values) as Values, refused }
}

function textOf(row: Row, given: ReadonlyMap<string, string>): string | undefined {
  const text = given.get(row.name)?.trim() ?? ''
  if (text !== '') return text
  return 'default' in row ? row.default : undefined
}

function valueOf(
  row: Row,
  text: string | undefined,
  refuse: (problem: string, remedy: string) => void
): boolean | number | string | readonly string[] | undefined {
  // A service connection is the host's own affair: it never comes here.
  if (text === undefined && 'required' in row && row.kind !== 'connection')
    refuse('It is required.', row.hint)
  switch (row.kind) {
    case 'boolean': {
      const word = text?.toLowerCase() ?? ''
      if (word !== 'true' && word !== 'false') refuse(`"${word}" is not a boolean.`, 'Write true or false.')
      return word === 'true'
    }
    case 'choice': {
      const found = row.choices.find((one) => one === text)
      if (found === undefined)
        refuse(`"${text ?? ''}" is not known.`, `Choose one of ${row.choices.join(', ')}.`)
      return found ?? row.choices[0]
    }
    case 'seconds': {
      const [least, most] = row.range
      const seconds = Number(text)
      if (seconds >= least && seconds <= most) return seconds * 1000
      refuse(`"${text ?? ''}" is not ${least} to ${most} seconds.`, row.hint)
      return 0
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

function refuseUnknown(given: ReadonlyMap<string, string>, fault: Fault, place: Place): void {
  const names: readonly string[] = inputsFor(place).map((row) => row.name)
  for (const name of given.keys()) {
    if (names.includes(name)) continue
    const { problem, remedy } = unknownInput(name, place)
    fault(name, problem, remedy)
  }
}

/** A name that no input has, and the one that may be meant. */
export function unknownInput(name: string, place: Place = 'elsewhere'): InputFault {
  const names = inputsFor(place).map((row) => row.name)
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
