/** A shell: inputs as --options, colors where the terminal has them, exit codes 0 in order, 1 error, 2 drift. */
import { parseArgs, styleText } from 'node:util'
import { nameInputs, type InputNaming } from '../core/input-name.ts'
import { VERSION } from '../core/version.ts'
import { unknownInput, type InputFault } from '../config/inputs.ts'
import { Redaction } from '../core/redaction.ts'
import { strip, toSafeText } from '../core/safe-text.ts'
import { inputsFor } from '../config/table.ts'
import { PHASES, type RunEvent } from '../report/events.ts'
import { needsAction } from '../report/findings.ts'
import { textOf } from '../report/finding-text.ts'
import { linesOf, type Line } from '../report/lines.ts'
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
  const clean = (text: string): string => toSafeText(redaction.of(nameInputs(text, naming)))
  const print = (text: string, style?: Style): void => {
    const plain = clean(text)
    process.stdout.write(`${style === undefined ? plain : styleText(style, plain)}\n`)
  }
  const verbose = environment['PATLESS_DEBUG'] === '1' || environment['RUNNER_DEBUG'] === '1'
  return {
    environment,
    ...optionsOf(argv),
    naming,
    reporter: {
      on(event) {
        if (event.kind === 'debug') {
          if (verbose) print(`debug ${event.text}`, 'gray')
          return
        }
        const tone = TONES[event.kind]
        for (const { head, result, rest } of linesOf(event)) {
          if (result === undefined) print(head + rest, tone)
          else process.stdout.write(`${styleText(COLORS[result], clean(head))}${clean(rest)}\n`)
        }
      },
      phase: async (id, work) => {
        print(PHASES[id], 'bold')
        return work()
      }
    },
    mask: (secret) => {
      redaction.add(secret)
    },
    publish: (report) =>
      publishTo(
        {
          verdict({ findings }) {
            print('')
            for (const finding of findings.filter(needsAction))
              print(`${finding.id}: ${textOf(finding)}`, finding.severity === 'error' ? 'red' : 'yellow')
            print('Outputs', 'bold')
          },
          outputs: {
            name: 'the outputs',
            location: 'stdout',
            // Outputs are already safe. They are not shortened, because somebody may copy the JSON.
            write(values) {
              for (const [name, value] of Object.entries(values))
                process.stdout.write(`${strip(redaction.of(`  ${name.padEnd(20)} ${value}`))}\n`)
              return Promise.resolve()
            }
          },
          problem: (problem) => {
            print(`${problem.id}: ${textOf(problem)}`, 'red')
          },
          finish({ verdict }) {
            print('')
            print(verdict.summary, verdict.exitCode === 0 ? 'green' : 'red')
          }
        },
        report
      ),
    refuse(problem) {
      process.stderr.write(`${styleText('red', clean(`${problem.id}: ${textOf(problem)}`))}\n`)
      process.exitCode = 1
    }
  }
}

/** The options for Node's parser: a flag alone is true, `--no-flag` is false; other options need a value. */
const OPTIONS = Object.fromEntries(
  inputsFor('elsewhere').map(({ name, kind }) => [
    name,
    kind === 'boolean'
      ? { type: 'boolean' as const }
      : { type: 'string' as const, multiple: kind === 'lines' }
  ])
)

/** `--name value` or `--name=value`; a repeated option adds a line. Faulty options are reported and then ignored. */
function optionsOf(argv: readonly string[]): Pick<Host, 'given' | 'faults'> {
  const options = splitOptions(argv).map((words) => ({ words, faults: faultsOf(words) }))
  const args = options.flatMap(({ words, faults }) => (faults.length === 0 ? words : []))
  const { values } = parseArgs({ args, options: OPTIONS, allowNegative: true, strict: true })
  const given = Object.entries(values).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join('\n') : String(value)] as const
  )
  return {
    given: new Map(given),
    faults: [
      ...options.flatMap(({ faults }) => faults),
      ...given.flatMap(([name, value]) => emptyLogin(name, value))
    ]
  }
}

/** `--client-id "$AZURE_CLIENT_ID"` with an unset variable: the run would log in as somebody else. */
function emptyLogin(name: string, value: string): InputFault[] {
  if (!['client-id', 'tenant-id'].includes(name) || value.trim() !== '') return []
  return [
    {
      input: name,
      problem: 'It is empty: the variable that it comes from is not set.',
      remedy: 'Set the variable, or leave the option out to use the az login.'
    }
  ]
}

/** Splits the command line at each option, because Node's parser reports only one fault per call. */
function splitOptions(argv: readonly string[]): string[][] {
  const options: string[][] = []
  for (const word of argv) {
    if (word.startsWith('-') || options.length === 0) options.push([word])
    else options.at(-1)?.push(word)
  }
  return options
}

function faultsOf(words: readonly string[]): InputFault[] {
  // Node's parser treats everything after `--` as positional.
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

const TONES: Readonly<Partial<Record<RunEvent['kind'], Style>>> = { progress: 'gray', warning: 'yellow' }

const COLORS: Readonly<Record<NonNullable<Line['result']>, Style>> = {
  unchanged: 'green',
  created: 'cyan',
  updated: 'cyan',
  removed: 'cyan',
  drifted: 'yellow',
  missing: 'yellow',
  unknown: 'gray',
  skipped: 'gray',
  failed: 'red'
}

/** `--mode apply`; a flag that is true needs no value. */
const naming: InputNaming = (name, value) =>
  value === undefined || value === 'true' ? `--${name}` : `--${name} ${value}`

function helpText(): string {
  const rows = inputsFor('elsewhere').map((input) => {
    const notes = [
      'required' in input ? 'required' : '',
      'choices' in input ? input.choices.join(' | ') : '',
      'default' in input ? `default ${input.default}` : ''
    ].filter((note) => note !== '')
    return `  --${input.name.padEnd(26)}${input.description}${notes.length === 0 ? '' : ` [${notes.join('; ')}]`}\n`
  })
  return `Patless: token-free read access for Argo CD to private Azure Repos, set up, verified and maintained.

Usage: patless --cluster NAME --repository-url URL [--mode check] [options]

${rows.join('')}
Exit codes: 0 in order, 1 error, 2 drift. PATLESS_DEBUG=1 also prints every request; NO_COLOR=1 turns colors off.
`
}
