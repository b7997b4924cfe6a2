/** A shell: inputs as --options, colours where the terminal has them, exit codes 0 in order, 1 error, 2 drift. */
import { parseArgs, styleText } from 'node:util'
import { textOf } from '../core/problem.ts'
import { VERSION } from '../core/version.ts'
import { unknownInput, type InputFault } from '../config/inputs.ts'
import { Redaction } from '../core/redaction.ts'
import { strip, toSafeText } from '../core/safe-text.ts'
import { inputsFor } from '../config/table.ts'
import type { Host } from './ports.ts'
import { publishTo } from './publish.ts'

/** @returns undefined when the user only asked for help or the version. */
export function terminalHost(environment: NodeJS.ProcessEnv, argv: readonly string[]): Host | undefined {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(helpText())
    return undefined
  }
  if (argv.includes('--version')) {
    process.stdout.write(`${VERSION}\n`)
    return undefined
  }
  const redaction = new Redaction()
  const clean = (text: string): string => toSafeText(redaction.of(text))
  const print = (text: string, style?: Style): void => {
    const plain = clean(text)
    process.stdout.write(`${style === undefined ? plain : styleText(style, plain)}\n`)
  }
  const verbose = environment['PATLESS_DEBUG'] === '1' || environment['RUNNER_DEBUG'] === '1'
  return {
    environment,
    ...optionsOf(argv),
    log: {
      info: (text) => {
        const plain = clean(text)
        const [, hop, rest] = /^(\S [a-z-]+ +[a-z]+)( .*)$/.exec(plain) ?? []
        const colour = COLOURS.get(plain.charAt(0))
        if (hop === undefined || rest === undefined || colour === undefined) print(plain)
        else process.stdout.write(`${styleText(colour, hop)}${rest}\n`)
      },
      warning: (text) => {
        print(text, 'yellow')
      },
      debug: (text) => {
        if (verbose) print(`debug ${text}`, 'gray')
      },
      progress: (text) => {
        print(`… ${text}`, 'gray')
      },
      group: async (title, work) => {
        print(title, 'bold')
        return work()
      }
    },
    mask: (secret) => {
      redaction.add(secret)
    },
    publish: (report) =>
      publishTo(
        {
          verdict({ verdict }) {
            print('')
            for (const { hop, ...facts } of verdict.problems)
              print(`${hop ?? 'patless'}: ${textOf(facts)}`, verdict.exitCode === 0 ? 'yellow' : 'red')
            print('Outputs', 'bold')
          },
          outputs: {
            name: 'the outputs',
            place: 'stdout',
            // Safe as they are made, and whole: somebody may copy the JSON.
            write(values) {
              for (const [name, value] of Object.entries(values))
                process.stdout.write(`${strip(redaction.of(`  ${name.padEnd(20)} ${value}`))}\n`)
              return Promise.resolve()
            }
          },
          problem: (problem) => {
            print(`patless: ${textOf(problem)}`, 'red')
          },
          finish({ verdict }) {
            print('')
            print(verdict.text, verdict.exitCode === 0 ? 'green' : 'red')
          }
        },
        report
      ),
    refuse(problem) {
      process.stderr.write(`${styleText('red', clean(textOf(problem)))}\n`)
      process.exitCode = 1
    }
  }
}

/** Every option, as Node's own parser wants it: a flag alone is true, `--no-flag` is false; text always has a value. */
const OPTIONS = Object.fromEntries(
  inputsFor('elsewhere').map(({ name, kind }) => [
    name,
    kind === 'boolean'
      ? { type: 'boolean' as const }
      : { type: 'string' as const, multiple: kind === 'lines' }
  ])
)

/** `--name value`, `--name=value`; a repeated option adds a line. Words that make a fault are left out of the rest. */
function optionsOf(argv: readonly string[]): Pick<Host, 'given' | 'faults'> {
  const words = wordsOf(argv).map((one) => ({ one, found: faultOf(one) }))
  const args = words.flatMap(({ one, found }) => (found.length === 0 ? one : []))
  const { values } = parseArgs({ args, options: OPTIONS, allowNegative: true, strict: true })
  const given = Object.entries(values).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join('\n') : String(value)] as const
  )
  return { given: new Map(given), faults: words.flatMap(({ found }) => found) }
}

/** The command line cut where an option begins, since the parser names one fault only. */
function wordsOf(argv: readonly string[]): string[][] {
  const words: string[][] = []
  for (const word of argv) {
    if (word.startsWith('-') || words.length === 0) words.push([word])
    else words.at(-1)?.push(word)
  }
  return words
}

function faultOf(words: readonly string[]): InputFault[] {
  // What follows it would be no option.
  if (words[0] === '--') return [unknownInput('--')]
  try {
    parseArgs({ args: [...words], options: OPTIONS, allowNegative: true, strict: true })
    return []
  } catch (error) {
    const [, name = words[0] ?? ''] = /^--(?:no-)?([^=]+)/.exec(words[0] ?? '') ?? []
    if (!(name in OPTIONS)) {
      const value = words[0]?.includes('=') ? 0 : 1
      return [name, ...words.slice(1 + value)].map((one) => unknownInput(one))
    }
    const [problem = ''] = error instanceof Error ? error.message.split(/(?<=[.])\s|\n/, 1) : []
    const kind = OPTIONS[name]?.type
    const remedy = kind === 'boolean' ? `Write --${name} or --no-${name}.` : `Write --${name}=<value>.`
    return [{ input: name, problem: `${problem.replace(/[.]?$/, '')}.`, remedy }]
  }
}

type Style = Parameters<typeof styleText>[0]

/** By the mark that a hop's line begins with (report/lines.ts). */
const COLOURS: ReadonlyMap<string, Style> = new Map<string, Style>([
  ['✓', 'green'],
  ['+', 'cyan'],
  ['~', 'cyan'],
  ['-', 'cyan'],
  ['≠', 'yellow'],
  ['∅', 'yellow'],
  ['?', 'gray'],
  ['–', 'gray'],
  ['✗', 'red']
])

function helpText(): string {
  const rows = inputsFor('elsewhere').map((input) => {
    const notes = [
      'required' in input ? 'required' : '',
      'choices' in input ? input.choices.join(' | ') : '',
      'default' in input ? `default ${input.default}` : ''
    ].filter((note) => note !== '')
    return `  --${input.name.padEnd(26)}${input.description}${notes.length === 0 ? '' : ` [${notes.join('; ')}]`}\n`
  })
  return `Patless: token-free read access for Argo CD to private Azure Repos, built, proved and kept.

Usage: patless --cluster NAME --repository-url URL [--mode check] [options]

${rows.join('')}
Exit codes: 0 in order, 1 error, 2 drift. PATLESS_DEBUG=1 also prints every request; NO_COLOR=1 takes the colours away.
`
}
