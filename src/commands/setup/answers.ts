/**
 * Where a fact comes from: an option, then what was found, then the person. What is found is shown, and may be changed
 * unless nobody is asked.
 */
import { Problem } from '../../core/finding.ts'
import { input } from '../../core/input-name.ts'
import { safe } from '../../http/errors.ts'
import { InvalidInputs } from '../../config/inputs.ts'
import type { OptionName } from './options.ts'

export interface Question {
  readonly option: OptionName
  /** What is asked for, as a noun. */
  readonly what: string
  /** Taken when the person only presses Enter, or is not asked. */
  readonly found?: string | undefined
  /** To choose from; any other answer is refused. */
  readonly choices?: readonly string[]
  /** Why an answer cannot be used; undefined: it can. */
  readonly fault?: (text: string) => string | undefined
}

export class Answers {
  readonly #given: ReadonlyMap<string, string>
  readonly #ask: ((question: string) => Promise<string>) | undefined
  readonly #say: (text: string) => void
  /** @param ask absent: nobody is there, or nobody wants to be asked */
  constructor(
    given: ReadonlyMap<string, string>,
    ask: ((question: string) => Promise<string>) | undefined,
    say: (text: string) => void
  ) {
    this.#given = given
    this.#ask = ask
    this.#say = say
  }

  get asks(): boolean {
    return this.#ask !== undefined
  }

  /** undefined: not given, or empty. */
  option(name: OptionName): string | undefined {
    const text = this.#given.get(name)?.trim() ?? ''
    return text === '' ? undefined : text
  }

  isSet(name: OptionName): boolean {
    return this.#given.get(name) === 'true'
  }

  /** An optional value that is never asked for. @throws {InvalidInputs} */
  checked(name: OptionName, fault: (text: string) => string | undefined): string | undefined {
    const text = this.option(name)
    const problem = text === undefined ? undefined : fault(text)
    if (problem !== undefined) throw invalid(name, problem)
    return text
  }

  /** @throws {Problem} when nobody can be asked. */
  async to(question: Question): Promise<string> {
    const { option, what, found, choices } = question
    const given = this.option(option)
    if (given !== undefined) {
      const problem = faultOf(question, given)
      if (problem !== undefined) throw invalid(option, problem)
      return given
    }
    if (!this.#ask) {
      if (found !== undefined && faultOf(question, found) === undefined) {
        this.#say(`${what}: ${safe(found)}`)
        return found
      }
      throw new Problem({
        id: 'setup/answer-needed',
        summary: `${what} is not known, and nobody can be asked.`,
        ...(choices && { expected: choices.slice(0, 20).join(', ') }),
        remedy: `give ${input(option)}`
      })
    }
    return this.#asked(question, this.#ask)
  }

  /** Another answer than the one that was given before, from a person. @throws {RangeError} when nobody is asked. */
  async instead(question: Question): Promise<string> {
    if (!this.#ask) throw new RangeError('nobody is asked')
    return this.#asked(question, this.#ask)
  }

  async #asked(question: Question, ask: (question: string) => Promise<string>): Promise<string> {
    const { what, found, choices } = question
    const shown = choices && choices.length > 1 ? ` (${choices.slice(0, 20).join(', ')})` : ''
    for (;;) {
      const answer = (await ask(`${what}${shown}${found === undefined ? '' : ` [${found}]`}: `)).trim()
      const text = answer === '' ? (found ?? '') : answer
      const problem = faultOf(question, text)
      if (problem === undefined) return text
      this.#say(problem)
    }
  }

  /** A question of yes or no, whose answer without a person is no. */
  async agrees(question: string): Promise<boolean> {
    if (!this.#ask) return false
    return /^y(?:es)?$/i.test((await this.#ask(`${question} [y/N] `)).trim())
  }
}

function faultOf({ choices, fault, what }: Question, text: string): string | undefined {
  if (text === '') return `${what} is needed.`
  if (choices && !choices.includes(text)) return `${what} is one of: ${choices.slice(0, 20).join(', ')}.`
  return fault?.(text)
}

function invalid(option: OptionName, problem: string): InvalidInputs {
  return new InvalidInputs([{ input: `--${option}`, problem, remedy: 'Correct it.' }])
}
