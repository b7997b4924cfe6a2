/**
 * Foreign text that steers no host and no reader, in the one order that holds: strip, defuse, shorten. Defused before it
 * is stripped, `\u0001::stop-commands::` would become a command; shortened before it is defused, half of it could.
 */

/** What moves a cursor, ends a line, reorders or hides text: controls, bidi, zero width, lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Characters of one text in a log: nobody reads more, and a host refuses annotations above 64 KiB. */
const LIMIT = 8_000

/** Text of several lines for a log: line feeds and tabs stay. */
export function toSafeText(text: string, limit = LIMIT): string {
  return shorten(defuse(strip(begin(text, limit))), limit)
}

/** The same as one line. */
export function toSafeLine(text: string, limit = LIMIT): string {
  return shorten(defuse(toLine(strip(begin(text, limit)))), limit)
}

/** No more than can be shown is worked on: nothing below makes two characters of a text less than one. */
function begin(text: string, limit: number): string {
  return text.slice(0, 2 * limit + 2)
}

/** What cannot be seen becomes its escape, so that two values which look alike no longer do. */
export function strip(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(UNSEEN, (mark) => (mark === '\n' || mark === '\t' ? mark : escapeOf(mark)))
}

/** A line feed of a value must not begin a line of the log, which would look like ours. */
export function toLine(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

/**
 * Commands of the runner (actions/runner, ActionCommand.cs: `::` at the start of a line after blanks, `##[` anywhere) and
 * of the agent (`##vso[` anywhere); other hosts have their own word between `##` and `[`.
 */
export function defuse(text: string): string {
  return text.replaceAll(/^([^\S\n]*)::/gm, '$1: :').replaceAll(/##(?=\w*\[)/g, '## ')
}

/** @param limit in UTF-16 units; a character is never cut in two */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text
  const cut = text.slice(0, limit)
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`
}

/**
 * For a plain-text output, which a later step may hand to any shell's echo: one line without `::` anywhere, and without
 * a backslash, since `sh` would take `\n` for a line end and `\072` for a colon.
 */
export function toPlainOutput(text: string, limit = 2_000): string {
  const line = strip(begin(text, 4 * limit))
    .replaceAll(/\s+/g, ' ')
    .replaceAll('\\', '＼')
  return shorten(
    defuse(line)
      .replaceAll(/:(?=:)/g, ': ')
      .trim(),
    limit
  )
}

/** JSON for a file: nothing in its strings is a command, a tag or a fence to whoever prints it. No value changes. */
export function toSafeJson(value: unknown): string {
  return escaped(JSON.stringify(value, null, 2), /[#<`]|:(?=:)/g)
}

/** JSON on one line for an output: safe, and the same, through any shell's echo, in quotes, in Markdown and in HTML. */
export function toJsonOutput(value: unknown): string {
  const text = JSON.stringify(value).replaceAll(/\\(["\\bfnrt])/g, (_all, mark: string) =>
    escapeOf(ESCAPES[mark] ?? mark)
  )
  return escaped(text, /[#<>&%$'`]|:(?=:)/g)
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Only within strings do these characters occur in JSON, save the line feeds between its fields. */
function escaped(json: string, steering: RegExp): string {
  return json
    .replaceAll(steering, escapeOf)
    .replaceAll(UNSEEN, (mark) => (mark === '\n' ? mark : unitsOf(mark).map(hex).join('')))
}

function escapeOf(mark: string): string {
  const point = mark.codePointAt(0) ?? 0
  return point > 0xffff ? `\\u{${point.toString(16)}}` : hex(point)
}

function unitsOf(mark: string): number[] {
  return Array.from({ length: mark.length }, (_none, index) => mark.charCodeAt(index))
}

function hex(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
