/** What a subcommand with options of its own is to the terminal, and the terminal to it. Modes need none of this. */
import type { InputNaming } from '../core/input-name.ts'
import type { Reporter } from '../report/events.ts'

export interface CommandOption {
  readonly name: string
  readonly kind: 'text' | 'lines' | 'boolean' | 'choice' | 'seconds' | 'number' | 'file'
  readonly description: string
  readonly choices?: readonly string[]
  readonly default?: string
  readonly required?: true
}

export interface Command {
  readonly options: readonly CommandOption[]
  /** The one word that may follow the subcommand; absent: none may. */
  readonly words?: readonly string[]
  readonly wordRequired?: true
  /** @returns the exit code */
  readonly run: (line: ParsedLine, terminal: Terminal) => Promise<number>
}

/** A command line without faults. Values are raw text, as those of inputs: flags are `true` or `false`. */
export interface ParsedLine {
  readonly given: ReadonlyMap<string, string>
  readonly word: string | undefined
}

export interface Terminal {
  readonly environment: NodeJS.ProcessEnv
  readonly naming: InputNaming
  /** The log, on stderr. */
  readonly reporter: Reporter
  /** From now on, nothing that the terminal prints contains `secret`. */
  readonly mask: (secret: string) => void
  /** Writes to stdout what the user asked for: a script, a completion. */
  readonly print: (text: string) => void
  /** The folder that the person is in. */
  readonly folder: string
  /** Shows the question and reads one line; absent: nobody is there to answer. */
  readonly ask?: (question: string) => Promise<string>
}
