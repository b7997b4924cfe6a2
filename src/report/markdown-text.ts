/**
 * Foreign text in Markdown: always text. What Markdown and GitHub make something of is an entity: markup, tables, math.
 * What GitHub finds in text afterwards (www., https:, @user, #1, GH-1, :emoji:, mail) is parted by a `<wbr>`, which shows
 * nothing and is not copied.
 */
import { toSafeText } from '../core/safe-text.ts'

/** Characters of one cell: the whole is in the JSON report. */
const LIMIT = 1_000
const PUNCTUATION = /[!-/:-@[-`{-~]/g
/** What is nothing to Markdown within a line. */
const PLAIN = `!"%'()+,-./:;=?{}>`
/** After these, something may begin that is linked, replaced by a picture or set as a formula. */
const PARTED = '@#:$.!/'

/** One line of text: no markup, no link, no pipe; a line feed is a `<br/>`. */
export function cell(text: string): string {
  return toSafeText(text, LIMIT)
    .trim()
    .replaceAll(PUNCTUATION, (mark, at: number, all: string) => {
      const shown = PLAIN.includes(mark) ? mark : `&#${mark.charCodeAt(0)};`
      const next = all.charAt(at + 1)
      const ends = next === '' ? '@#$!'.includes(mark) : !/\s/.test(next)
      const parts = PARTED.includes(mark) && ends && !(mark === '/' && next === '/')
      return parts ? `${shown}<wbr>` : shown
    })
    .replaceAll(/w(?=ww)|\bgh-/gi, '$&<wbr>')
    .replaceAll('\n', '<br/>')
}

export function code(text: string): string {
  return `<code>${cell(text)}</code>`
}

/** Lines to copy, in a fence that none of them closes. */
export function fence(lines: string, language: string, indent = ''): string {
  const text = toSafeText(lines, 20_000)
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
  const mark = '`'.repeat(longest + 1)
  return [`${mark}${language}`, ...text.split('\n'), mark].map((line) => indent + line).join('\n')
}

/** Where documentation of this tool and of the services lies. What leads elsewhere is not linked, whoever named it. */
const DOCUMENTATION: readonly string[] = [
  'https://learn.microsoft.com/',
  'https://docs.github.com/',
  'https://argo-cd.readthedocs.io/',
  'https://kubernetes.io/',
  'https://github.com/argoproj/',
  'https://github.com/Azure/',
  'https://github.com/patless/'
]

/** ` ([why](…))`, or the address as text when it is not one of the documentation. */
export function why(link: string | undefined): string {
  if (link === undefined) return ''
  const { href = '' } = URL.parse(link) ?? {}
  if (!DOCUMENTATION.some((begin) => href.startsWith(begin))) return ` (${code(link)})`
  const target = href.replaceAll(
    /[^\w:/.?=#%-]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).padStart(2, '0')}`
  )
  return ` ([why](${target}))`
}

/** As many items, in order, as have room in so many bytes, and a word on how many have not. */
export function fitting(items: readonly string[], bytes: number, left: (count: number) => string): string[] {
  let room = bytes
  const fits = items.findIndex((item) => (room -= Buffer.byteLength(item) + 1) < 0)
  return fits === -1 ? [...items] : [...items.slice(0, fits), left(items.length - fits)]
}
