/**
 * The command line: a subcommand, which is a mode or has options of its own, then `--name value`, `--name=value` or a
 * flag alone. A repeated option adds a line. Faulty words are reported, all of them at once, and then ignored.
 */
import { parseArgs } from 'node:util'
import type { CommandOption } from '../../commands/command.ts'
import type { InputFault } from '../../config/inputs.ts'
import { COMMON, INPUT_OPTIONS, MODES, RUN_OPTIONS, type Mode } from './options.ts'
import { COMMANDS } from './subcommands.ts'

export interface CommandLine {
  /** A mode or a command; undefined: neither, the mode is an option. */
  readonly subcommand: string | undefined
  /** The options that may be given. */
  readonly options: readonly CommandOption[]
  readonly given: ReadonlyMap<string, string>
  readonly word: string | undefined
  readonly faults: readonly InputFault[]
  /** The subcommand is unknown, so nothing can be said of its options. */
  readonly unknown?: true
}

const RUN: readonly CommandOption[] = [...INPUT_OPTIONS, ...RUN_OPTIONS, ...COMMON]

export async function parseCommandLine(argv: readonly string[]): Promise<CommandLine> {
  const [first = ''] = argv
  const named = first !== '' && !first.startsWith('-')
  const rest = named ? argv.slice(1) : argv
  if (named && Object.hasOwn(COMMANDS, first)) {
    return commandLineOf(first, rest)
  }
  const { given, faults } = await parsed(rest, RUN, RUN_OPTIONS)
  const mode = MODES.find((one) => one === first)
  const line = { options: RUN, word: undefined, given }
  if (mode !== undefined) {
    const other = given.get('mode') ?? mode
    given.set('mode', mode)
    const contradicting = other === mode ? [] : [contradiction(mode, other)]
    return { ...line, subcommand: mode, faults: [...contradicting, ...faults] }
  }
  if (!named) return { ...line, subcommand: undefined, faults }
  const wrong = await unknownWord(first, [...MODES, ...Object.keys(COMMANDS)])
  return { ...line, subcommand: undefined, faults: [wrong], unknown: true }
}

async function commandLineOf(subcommand: string, rest: readonly string[]): Promise<CommandLine> {
  const { options = [], words = [], wordRequired } = (await COMMANDS[subcommand]?.load()) ?? {}
  const all = [...options, ...COMMON]
  const [first = ''] = rest
  const word = words.length === 0 || first === '' || first.startsWith('-') ? undefined : first
  const { given, faults } = await parsed(word === undefined ? rest : rest.slice(1), all, all, subcommand)
  const wrong =
    word === undefined
      ? wordRequired && !given.has('help')
        ? [missingWord(subcommand, words)]
        : []
      : words.includes(word)
        ? []
        : [await unknownWord(word, words)]
  return { subcommand, options: all, word, given, faults: [...wrong, ...faults] }
}

/** @param checked those whose values nothing later checks against their choices */
async function parsed(
  argv: readonly string[],
  options: readonly CommandOption[],
  checked: readonly CommandOption[],
  subcommand?: string
): Promise<{ given: Map<string, string>; faults: InputFault[] }> {
  const known = Object.fromEntries(
    options.map(({ name, kind }) => [
      name,
      kind === 'boolean'
        ? { type: 'boolean' as const }
        : { type: 'string' as const, multiple: kind === 'lines' }
    ])
  )
  const parts = await Promise.all(
    split(argv).map(async (words) => ({ words, faults: await faultsOf(words, known, subcommand) }))
  )
  const args = parts.flatMap(({ words, faults }) => (faults.length === 0 ? words : []))
  const { values } = parseArgs({ args, options: known, allowNegative: true, strict: true })
  const given = Object.entries(values).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join('\n') : String(value)] as const
  )
  const chosen = await Promise.all(given.map((one) => notChosen(one, checked)))
  return { given: new Map(given), faults: [...parts.flatMap(({ faults }) => faults), ...chosen.flat()] }
}

/** Values beside the choices of an option. */
async function notChosen(
  [name, value]: readonly [name: string, value: string],
  options: readonly CommandOption[]
): Promise<InputFault[]> {
  const { choices } = options.find((one) => one.name === name) ?? {}
  if (!choices || choices.includes(value)) return []
  const { nearest } = await import('../../core/near.ts')
  const near = nearest(value, choices)
  const problem = `"${value}" is none of its values.`
  const remedy = near === undefined ? `Write one of ${choices.join(', ')}.` : `Did you mean ${near}?`
  return [{ input: `--${name}`, problem, remedy }]
}

/** Splits the command line at each option, because Node's parser reports only one fault per call. */
function split(argv: readonly string[]): string[][] {
  const options: string[][] = []
  for (const typed of argv) {
    const word = typed === '-h' ? '--help' : typed
    if (word.startsWith('-') || options.length === 0) options.push([word])
    else options.at(-1)?.push(word)
  }
  return options
}

type Known = Readonly<Record<string, { type: 'boolean' | 'string'; multiple?: boolean }>>

async function faultsOf(words: readonly string[], known: Known, subcommand?: string): Promise<InputFault[]> {
  const [first = '', ...others] = words
  const isOption = first.startsWith('-')
  const name = /^--(?:no-)?([^=]+)/.exec(first)?.[1] ?? ''
  const type = Object.hasOwn(known, name) ? known[name]?.type : undefined
  const values = type === 'boolean' || first.includes('=') || first === '--' ? 0 : 1
  const stray = isOption ? others.slice(values) : words
  const late = stray.filter(isSubcommand)
  if (late.length > 0) return late.map(tooLate)
  if (!isOption) return stray.map(unexpected)
  if (type === undefined)
    return [await unknownOption(first, name, Object.keys(known), subcommand), ...stray.map(unexpected)]
  try {
    parseArgs({ args: [...words], options: known, allowNegative: true, strict: true })
    return []
  } catch (error) {
    const [problem = ''] = error instanceof Error ? error.message.split(/(?<=[.])\s|\n/, 1) : []
    const remedy = type === 'boolean' ? `Write --${name} or --no-${name}.` : `Write --${name}=<value>.`
    return [{ input: labelOf(name), problem: `${problem.replace(/[.]?$/, '')}.`, remedy }]
  }
}

/** Inputs are named as in the table, so that their other faults are not listed, too. */
function labelOf(name: string): string {
  return INPUT_OPTIONS.some((one) => one.name === name) ? name : `--${name}`
}

function isSubcommand(word: string): boolean {
  return MODES.some((mode) => mode === word) || Object.hasOwn(COMMANDS, word)
}

function tooLate(word: string): InputFault {
  return {
    input: word,
    problem: 'A subcommand comes first.',
    remedy: `Write patless ${word}, then the options.`
  }
}

function unexpected(word: string): InputFault {
  return {
    input: word,
    problem: 'It belongs to no option.',
    remedy: 'Remove it, or write it as --name=value.'
  }
}

function missingWord(subcommand: string, words: readonly string[]): InputFault {
  return {
    input: subcommand,
    problem: 'A word is missing behind it.',
    remedy: `Write patless ${subcommand} ${words.join(' | ')}.`
  }
}

function contradiction(mode: Mode, other: string): InputFault {
  return {
    input: 'mode',
    problem: `"${other}" contradicts the subcommand ${mode}.`,
    remedy: `Leave out --mode, or write patless ${MODES.find((one) => one === other) ?? mode}.`
  }
}

async function unknownOption(
  typed: string,
  name: string,
  names: readonly string[],
  topic = 'options'
): Promise<InputFault> {
  const { nearest } = await import('../../core/near.ts')
  const near = nearest(name, names)
  return {
    input: typed.split('=')[0] ?? typed,
    problem: 'There is no such option.',
    remedy: near === undefined ? `patless help ${topic} lists all.` : `Did you mean --${near}?`
  }
}

async function unknownWord(typed: string, names: readonly string[]): Promise<InputFault> {
  const { nearest } = await import('../../core/near.ts')
  const near = nearest(typed, names)
  return {
    input: typed,
    problem: 'It is unknown.',
    remedy: near === undefined ? `Write one of ${names.join(', ')}.` : `Did you mean ${near}?`
  }
}
