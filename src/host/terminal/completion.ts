/** Completion scripts, made from the inputs table. They call nothing while somebody types. */
import type { Command, CommandOption } from '../../commands/command.ts'
import {
  COMMON,
  INPUT_OPTIONS,
  MODES,
  optionsOf,
  RUN_OPTIONS,
  summaryOf,
  type Subcommands
} from './options.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export function completionOf(commands: Subcommands): Command {
  return {
    options: [],
    words: SHELLS,
    wordRequired: true,
    async run({ word }, { print }) {
      const entries = await entriesOf(commands)
      print(SCRIPTS[SHELLS.find((shell) => shell === word) ?? 'bash'](entries))
      return 0
    }
  }
}

/** What may follow a subcommand; the empty name: without one. */
interface Entry {
  readonly name: string
  readonly summary: string
  readonly options: readonly CommandOption[]
  readonly words: readonly string[]
}

async function entriesOf(commands: Subcommands): Promise<Entry[]> {
  const modes = MODES.map((mode) => ({
    name: mode,
    summary: summaryOf(mode),
    options: [...optionsOf(mode), ...COMMON],
    words: []
  }))
  const others = Object.entries(commands).map(async ([name, { summary, load }]) => {
    const { options, words = [] } = await load()
    return { name, summary, options: [...options, ...COMMON], words }
  })
  const all = [...INPUT_OPTIONS, ...RUN_OPTIONS, ...COMMON]
  return [...modes, ...(await Promise.all(others)), { name: '', summary: '', options: all, words: [] }]
}

/** `--dry-run` and `--no-dry-run`. */
function spellings({ name, kind }: CommandOption): string[] {
  const plain = COMMON.some((one) => one.name === name)
  return kind === 'boolean' && !plain ? [`--${name}`, `--no-${name}`] : [`--${name}`]
}

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (entries: readonly Entry[]) => string>> = {
  bash(entries) {
    const named = entries.filter(({ name }) => name !== '')
    const valued = once(entries.flatMap(({ options }) => options)).filter(({ kind }) => kind !== 'boolean')
    const cases = valued.map(({ name, kind, choices }) => {
      const reply = choices
        ? `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current"))`
        : kind === 'file'
          ? 'COMPREPLY=($(compgen -f -- "$current"))'
          : 'COMPREPLY=()'
      return `    --${name}) ${reply}; return ;;`
    })
    const words = entries.map(({ name, options, words }) => {
      const first = name === '' ? named.map((one) => one.name) : words
      return `    ${name === '' ? '*' : name}) words='${[...first, ...options.flatMap(spellings)].join(' ')}' ;;`
    })
    return `# patless completion bash > /etc/bash_completion.d/patless, or: source <(patless completion bash)
_patless() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words
  # bash splits --name=value into three words.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  case "$previous" in
${cases.join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _patless patless`
  },

  zsh(entries) {
    const named = entries.filter(({ name }) => name !== '')
    const cases = entries.map(({ name, options, words }) => {
      const specs = options.flatMap((option) => zshSpecs(option))
      const first = words.length === 0 ? [] : [`'1:word:(${words.join(' ')})'`]
      return `    ${name === '' ? '*' : name}) _arguments ${[...first, ...specs].join(' \\\n      ')} ;;`
    })
    const described = named.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`)
    return `#compdef patless
# patless completion zsh > "\${fpath[1]}/_patless"
_patless() {
  local -a subcommands
  subcommands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe subcommand subcommands
    return
  fi
  local subcommand=$words[2]
  [[ $subcommand == -* ]] || { shift words; (( CURRENT-- )) }
  case $subcommand in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _patless ]]; then _patless "$@"; else compdef _patless patless; fi`
  },

  fish(entries) {
    const lines = entries.flatMap(({ name, summary, options, words }) => {
      const condition = name === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${name}`
      const itself =
        name === '' ? [] : [`complete -c patless -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`]
      const first =
        words.length === 0 ? [] : [`complete -c patless -n '${condition}' -a '${words.join(' ')}'`]
      return [...itself, ...first, ...options.flatMap((option) => fishLines(option, condition))]
    })
    return `# patless completion fish > ~/.config/fish/completions/patless.fish
complete -c patless -f
${lines.join('\n')}`
  }
}

function zshSpecs(option: CommandOption): string[] {
  const { kind, choices, description } = option
  const text = quoted(firstSentence(description)).replaceAll(/[[\]:]/g, String.raw`\$&`)
  const repeated = kind === 'lines' ? '*' : ''
  const value = choices
    ? `:value:(${choices.join(' ')})`
    : kind === 'file'
      ? ':file:_files'
      : kind === 'boolean'
        ? ''
        : ':value: '
  return spellings(option).map((name) => `'${repeated}${name}${value === '' ? '' : '='}[${text}]${value}'`)
}

function fishLines(option: CommandOption, condition: string): string[] {
  const { kind, choices, description } = option
  const value = choices
    ? ` -x -a '${choices.join(' ')}'`
    : kind === 'file'
      ? ' -r -F'
      : kind === 'boolean'
        ? ''
        : ' -x'
  return spellings(option).map(
    (name) =>
      `complete -c patless -n '${condition}' -l ${name.slice(2)}${value} -d '${quoted(firstSentence(description))}'`
  )
}

/** For a text within single quotes, in each of the three shells; an apostrophe cannot be written in all of them. */
function quoted(text: string): string {
  return text.replaceAll("'", '’').replaceAll('\\', '/')
}

function firstSentence(text: string): string {
  return text.split(/[.;](?:\s|$)/, 1)[0] ?? text
}

function once(options: readonly CommandOption[]): CommandOption[] {
  return [...new Map(options.map((option) => [option.name, option])).values()]
}
