/** The command line of `npm run sandbox`. Whatever is unknown is refused in one line, before anything starts. */
import { parseArgs } from 'node:util'
import { inputsFor } from '../src/config/table.ts'
import type { HostKind } from '../src/config/row.ts'

export type Order =
  | { readonly kind: 'serve'; readonly envFile: string }
  | { readonly kind: 'list' }
  | {
      readonly kind: 'run'
      readonly host: 'github' | 'azure-pipelines'
      /** Mistakes to make after a first apply; the run that follows shows them. */
      readonly defects: readonly string[]
      readonly inputs: Readonly<Record<string, string>>
    }
  | { readonly kind: 'refused'; readonly text: string }

/** @param known names of the defects that the twin can make */
export function orderOf(args: readonly string[], known: readonly string[]): Order {
  const { tokens } = parseArgs({ args: [...args], strict: false, allowPositionals: true, tokens: true })
  const given: [name: string, value: string][] = []
  const words: string[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'positional') {
      const before = tokens[index - 1]
      if (before?.kind !== 'option' || before.value !== undefined) words.push(token.value)
    }
    if (token.kind !== 'option') continue
    const next = tokens[index + 1]
    given.push([token.name, token.value ?? (next?.kind === 'positional' ? next.value : 'true')])
  }
  const [word, ...others] = words
  if ((word !== undefined && word !== 'serve') || others.length > 0)
    return refused(
      `no such command: ${word === 'serve' ? (others[0] ?? '') : (word ?? '')}; there is only serve`
    )
  return word === 'serve' ? served(given) : asked(given, known)
}

function served(given: readonly (readonly [string, string])[]): Order {
  const envFile = given.find(([name]) => name === 'env-file')?.[1]
  const other = given.find(([name]) => name !== 'env-file')
  if (other)
    return refused(`serve has no option --${other[0]}; usage: npm run sandbox -- serve --env-file FILE`)
  if (envFile === undefined || envFile === 'true')
    return refused('usage: npm run sandbox -- serve --env-file FILE')
  return { kind: 'serve', envFile }
}

function asked(given: readonly (readonly [string, string])[], known: readonly string[]): Order {
  const values = (name: string): string[] => given.filter(([one]) => one === name).map(([, value]) => value)
  const [host = 'github'] = values('host')
  if (host !== 'github' && host !== 'azure-pipelines')
    return refused(`no such host: ${host}; there are github and azure-pipelines`)
  const kind: HostKind = host === 'github' ? 'elsewhere' : host
  const names: readonly string[] = inputsFor(kind).map(({ name }) => name)
  const unknown = given.find(([name]) => !['host', 'break', 'list', ...names].includes(name))
  if (unknown)
    return refused(
      `no such option: --${unknown[0]}; there are --host, --break, --list and the inputs of docs/inputs.md`
    )
  if (values('list').length > 0) return { kind: 'list' }
  const defects = values('break').flatMap((text) => text.split(','))
  const missing = defects.find((name) => !known.includes(name))
  if (missing !== undefined)
    return refused(
      `no such defect: ${missing === 'true' ? '--break needs a name' : missing}; --list shows them`
    )
  const inputs = Object.fromEntries(given.filter(([name]) => names.includes(name)))
  return { kind: 'run', host, defects, inputs }
}

function refused(text: string): Order {
  return { kind: 'refused', text: text.replaceAll(/\s+/g, ' ') }
}
