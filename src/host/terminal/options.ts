/** The options of the terminal: those of the inputs table, and a few of its own. */
import type { Command, CommandOption } from '../../commands/command.ts'
import type { InputRow } from '../../config/row.ts'
import { INPUTS, inputsFor, isRequiredBy, isUsedBy } from '../../config/table.ts'
import type { Values } from '../../config/inputs.ts'

export type Mode = Values['mode']

/** Options of the terminal, in addition to those of each subcommand. */
export const COMMON = [
  { name: 'help', kind: 'boolean', description: 'Show help; after a subcommand, for it.' },
  { name: 'version', kind: 'boolean', description: 'Show the version.' }
] as const satisfies readonly CommandOption[]

/** Options of the terminal for a run. */
export const RUN_OPTIONS = [
  {
    name: 'output',
    kind: 'choice',
    choices: ['text', 'json'],
    default: 'text',
    description: 'json writes the report to stdout, and nothing else; the log then goes to stderr.'
  }
] as const satisfies readonly CommandOption[]

/** A subcommand with options of its own. It is loaded when somebody calls it. */
export interface Subcommand {
  readonly summary: string
  readonly load: () => Promise<Command>
}

export type Subcommands = Readonly<Record<string, Subcommand>>

const MODE = INPUTS.flatMap((row) => (row.name === 'mode' ? [row] : []))
export const MODES: readonly Mode[] = MODE.flatMap(({ choices }) => choices)

/** The part of the mode's description that is about this mode: `apply sets up …; check reads …`. */
export function summaryOf(mode: Mode): string {
  const parts = MODE.flatMap(({ description }) => description.split(/;\s+/))
  const own = parts.find((part) => part.startsWith(`${mode} `))
  return (own ?? '').slice(mode.length + 1).replace(/[.]$/, '')
}

/** Inputs that are options of a run, whichever mode it has. */
export const INPUT_OPTIONS: readonly CommandOption[] = inputsFor('elsewhere').flatMap((row: InputRow) =>
  optionOf(row, row.required === true)
)

function optionOf(row: InputRow, required: boolean): CommandOption[] {
  const { name, kind, description, choices, default: fallback } = row
  if (kind === 'connection') return []
  return [
    {
      name,
      kind,
      description,
      ...(choices && { choices }),
      ...(fallback !== undefined && { default: fallback }),
      ...(required && { required })
    }
  ]
}

/** The options of one mode. The subcommand says the mode, so `--mode` is none of them. */
export function optionsOf(mode: Mode): readonly CommandOption[] {
  const ours = inputsFor('elsewhere').flatMap((row: InputRow) =>
    row.name !== 'mode' && isUsedBy(row, mode) && isFor(mode, row.visible)
      ? optionOf(row, isRequiredBy(row, mode))
      : []
  )
  return [...ours, ...RUN_OPTIONS]
}

/**
 * Whether an input matters to a mode, by the condition under which Azure Pipelines shows it (`mode = apply || …`). A
 * condition on another input may hold where that one matters.
 */
export function isFor(mode: string, visible = ''): boolean {
  const holds = (condition: string): boolean => {
    const [, name, operator, value] = /^\s*([\w-]+)\s*(!?=)\s*(\S+)\s*$/.exec(condition) ?? []
    if (name === 'mode') return (operator === '=') === (value === mode)
    const other = INPUTS.find((row) => row.name === name)
    return isFor(mode, other && 'visible' in other ? other.visible : undefined)
  }
  return visible === '' || visible.split('||').some((all) => all.split('&&').every(holds))
}
