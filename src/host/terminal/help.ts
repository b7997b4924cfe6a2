/** Help by topic, at 80 columns at most, made from the inputs table. */
import type { Command, CommandOption } from '../../commands/command.ts'
import type { InputRow } from '../../config/row.ts'
import { INPUTS } from '../../config/table.ts'
import {
  COMMON,
  INPUT_OPTIONS,
  MODES,
  optionsOf,
  RUN_OPTIONS,
  summaryOf,
  type Mode,
  type Subcommands
} from './options.ts'

const WIDTH = 80

const TOPICS = {
  options: 'the options of all modes',
  environment: 'the environment variables that count',
  'exit-codes': 'what 0, 1 and 2 mean'
} as const

const GROUPS: Readonly<Record<InputRow['group'], string>> = {
  target: 'Cluster and identity',
  repository: 'Repository',
  argocd: 'Argo CD and verification',
  run: 'Run',
  login: 'Login'
}

export function helpOf(commands: Subcommands): Command {
  return {
    options: [],
    words: [...MODES, ...Object.keys(commands), ...Object.keys(TOPICS)],
    async run({ word }, { print }) {
      print(await textOf(word, commands))
      return 0
    }
  }
}

async function textOf(word: string | undefined, commands: Subcommands): Promise<string> {
  const mode = MODES.find((one) => one === word)
  if (mode !== undefined) return modeHelp(mode)
  if (word === 'options')
    return `The options of all modes; patless help <mode> has those of one.\n\n${grouped([...INPUT_OPTIONS, ...RUN_OPTIONS])}`
  if (word === 'environment') return environmentHelp()
  if (word === 'exit-codes') return exitCodesHelp()
  const command = word === undefined || word === 'help' ? undefined : commands[word]
  if (!command || word === undefined) return overview(commands)
  const { options, words } = await command.load()
  const usage = `${words ? ` <${words.join(' | ')}>` : ''}${options.length > 0 ? ' [options]' : ''}`
  return `${fold(`patless ${word} ${command.summary}.`)}

Usage: patless ${word}${usage}

${listed([...options, ...COMMON])}`
}

function overview(commands: Subcommands): string {
  const modes = MODES.map((mode): Entry => [mode, summaryOf(mode)])
  const others = Object.entries(commands).map(([name, { summary }]): Entry => [name, summary])
  return `Patless: token-free read access for Argo CD to private Azure Repos: set up,
verified and maintained.

Usage: patless <subcommand> --cluster NAME --repository-url URL [options]

Subcommands
${table([...modes, ...others])}

Topics of patless help, which also takes a subcommand
${table(Object.entries(TOPICS))}

Options
${listed([...RUN_OPTIONS, ...COMMON])}

${fold('Without a subcommand, --mode decides, and its default is apply. The required options are --cluster and, except for audit, --repository-url.')}

${EXIT_LINE}`
}

function modeHelp(mode: Mode): string {
  const options = optionsOf(mode)
  const required = options.filter((option) => option.required).map(({ name }) => ` --${name} …`)
  return `${fold(`patless ${mode} ${summaryOf(mode)}.`)}

Usage: patless ${mode}${required.join('')} [options]

${grouped(options)}

${EXIT_LINE}`
}

const EXIT_LINE = 'Exit codes: 0 in order, 1 error, 2 drift.'

function exitCodesHelp(): string {
  return `Exit codes

${table([
  ['0', 'Everything is in order, or was put in order; a dry run that found no obstacle; help.'],
  ['1', 'An error: invalid options, a failure, a missing permission, not verified, cancelled.'],
  [
    '2',
    'Drift, found by a check, or a stored credential, found by an audit. With --no-fail-on-drift or --no-fail-on-stored-credentials the code is 0.'
  ]
])}

${fold('A log that nobody reads (patless … | head) changes no exit code. The report has the same number (verdict.exitCode), and the ids of all findings.')}`
}

function environmentHelp(): string {
  return `Environment variables

${table([
  ['AZURE_SUBSCRIPTION_ID', 'The subscription, when --subscription-id is left out.'],
  [
    'AZURE_CLIENT_ID, AZURE_TENANT_ID',
    'A login of the environment, with a federated token file, when az is not logged in.'
  ],
  ['AZURE_CONFIG_DIR', 'The folder of az with its login.'],
  ['GH_TOKEN', 'For setup: a token that may read the repository on GitHub (gh auth token).'],
  ['HTTPS_PROXY, NO_PROXY', 'The proxy.'],
  ['NODE_EXTRA_CA_CERTS', 'Additional certificate authorities, as Node reads them.'],
  ['PATLESS_DEBUG=1', 'Also print every request.'],
  ['NO_COLOR=1, FORCE_COLOR=1', 'Colors off, or on; otherwise a stream has them if it is a terminal.'],
  ['RUNNER_TEMP, TMPDIR', 'The folder for the report.']
])}`
}

const HYPHENATED = new RegExp(
  `(?<![\\w-])(?:${INPUTS.flatMap(({ name }) => (name.includes('-') ? [name] : [])).join('|')})(?![\\w-])`,
  'g'
)

type Entry = readonly [name: string, text: string]

/** By the groups of the inputs table; the options that are in none come last. */
function grouped(options: readonly CommandOption[]): string {
  const groupOf = (name: string): InputRow['group'] | undefined =>
    INPUTS.find((row) => row.name === name)?.group
  const groups = Object.entries(GROUPS).flatMap(([group, title]) => {
    const own = options.filter(({ name }) => groupOf(name) === group)
    return own.length === 0 ? [] : [`${title}\n${listed(own)}`]
  })
  const own = options.filter(({ name }) => groupOf(name) === undefined)
  return [...groups, `Terminal\n${listed([...own, ...COMMON])}`].join('\n\n')
}

function listed(options: readonly CommandOption[]): string {
  return table(options.map((option) => [`--${option.name}`, descriptionOf(option)]))
}

function descriptionOf({ description, required, choices, default: fallback }: CommandOption): string {
  const notes = [
    required ? 'required' : '',
    choices ? choices.join(' | ') : '',
    fallback === undefined ? '' : `default ${fallback}`
  ].filter((note) => note !== '')
  // Inputs whose names are no ordinary words are named as they are typed here.
  const spelled = description.replaceAll(HYPHENATED, '--$&')
  return `${spelled}${notes.length === 0 ? '' : ` [${notes.join('; ')}]`}`
}

/** Two columns. A name that is too long for the first has a line of its own. */
function table(rows: readonly Entry[]): string {
  const left = Math.min(26, Math.max(...rows.map(([name]) => name.length)) + 2)
  return rows
    .map(([name, text]) => {
      const lines = wrap(text, WIDTH - left - 2).map((line) => `${' '.repeat(left + 2)}${line}`)
      if (name.length + 2 > left) return [`  ${name}`, ...lines].join('\n')
      return [`  ${name.padEnd(left)}${(lines[0] ?? '').trimStart()}`, ...lines.slice(1)].join('\n')
    })
    .join('\n')
}

function fold(text: string): string {
  return wrap(text, WIDTH).join('\n')
}

function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
