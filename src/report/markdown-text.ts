/**
 * Escapes foreign text for Markdown. Characters that are special to Markdown and GitHub (markup, tables, math) become
 * entities. What GitHub links or replaces afterwards (www., https:, @user, #1, GH-1, :emoji:, mail) is split by a
 * `<wbr>`, which is invisible and is not copied.
 */
import { toSafeText } from '../core/safe-text.ts'

/** Characters of one cell; the JSON report has the whole text. */
const LIMIT = 1_000
const PUNCTUATION = /[!-/:-@[-`{-~]/g
/** No special meaning to Markdown within a line. */
const PLAIN = `!"%'()+,-./:;=?{}>`
/** After these, GitHub may link text, replace it with a picture or render it as a formula. */
const SPLIT_AFTER = '@#:$.!/_'

/** What begins a quote, a list, a heading or a rule at the start of a line, and nothing elsewhere. */
const BEGINS = /^(\d*)([>+=.)-])/

/** One line of text: no markup, no link, no pipe; a line feed is a `<br/>`. */
export function cell(text: string): string {
  return toSafeText(text, LIMIT)
    .trim()
    .replaceAll(PUNCTUATION, (mark, at: number, all: string) => {
      const shown = PLAIN.includes(mark) ? mark : `&#${mark.charCodeAt(0)};`
      const next = all.charAt(at + 1)
      const ends = next === '' ? '@#$!'.includes(mark) : !/\s/.test(next)
      const splits = SPLIT_AFTER.includes(mark) && ends && !(mark === '/' && next === '/')
      return splits ? `${shown}<wbr>` : shown
    })
    .replaceAll(/w(?=ww)|\bgh-/gi, '$&<wbr>')
    .replaceAll('\n', '<br/>')
    .replace(BEGINS, (_all, number: string, mark: string) => `${number}&#${mark.charCodeAt(0)};`)
}

export function code(text: string): string {
  return `<code>${cell(text)}</code>`
}

/** A code block whose fence is longer than any fence in its lines. */
export function fence(lines: string, language: string, indent = ''): string {
  const text = toSafeText(lines, 20_000)
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
  const mark = '`'.repeat(longest + 1)
  return [`${mark}${language}`, ...text.split('\n'), mark].map((line) => indent + line).join('\n')
}

/** Documentation of Patless and of the services. Addresses elsewhere are shown as text, never linked. */
const DOCUMENTATION: readonly string[] = [
  'https://learn.microsoft.com/',
  'https://docs.github.com/',
  'https://argo-cd.readthedocs.io/',
  'https://kubernetes.io/',
  'https://github.com/argoproj/',
  'https://azure.github.io/azure-workload-identity/',
  'https://github.com/Azure/',
  'https://github.com/patless/'
]

/** The address of a link into the documentation, safe in Markdown; undefined: it leads elsewhere, and is text. */
export function documentationHref(link: string): string | undefined {
  const { href = '' } = URL.parse(link) ?? {}
  if (!DOCUMENTATION.some((begin) => href.startsWith(begin))) return undefined
  return href.replaceAll(/[^\w:/.?=#%-]/g, (mark) => `%${mark.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** ` ([why](…))`, or the address as text when it does not lead to the documentation. */
export function documentationLink(link: string | undefined): string {
  if (link === undefined) return ''
  const href = documentationHref(link)
  return href === undefined ? ` (${code(link)})` : ` ([why](${href}))`
}

/** The first items that fit into `bytes`, then a line with the number of the others. */
export function takeFitting(
  items: readonly string[],
  bytes: number,
  left: (count: number) => string
): string[] {
  let room = bytes
  const fits = items.findIndex((item) => (room -= Buffer.byteLength(item) + 1) < 0)
  return fits === -1 ? [...items] : [...items.slice(0, fits), left(items.length - fits)]
}
