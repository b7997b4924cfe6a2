/**
 * Makes foreign text safe to show, so that it cannot steer a host or mislead a reader. The order matters: strip, defuse,
 * shorten. Defusing before stripping would let `\u0001::stop-commands::` become a command, as would shortening first.
 */

/** Characters that move the cursor, end a line, reorder or hide text: controls, bidi, zero width, lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Characters of one text in a log: nobody reads more, and a host rejects annotations above 64 KiB. */
const LIMIT = 8_000

/** Multi-line text for a log: line feeds and tabs stay. */
export function toSafeText(text: string, limit = LIMIT): string {
  return shorten(defuse(strip(limitInput(text, limit))), limit)
}

/** Single-line text for a log. */
export function toSafeLine(text: string, limit = LIMIT): string {
  return shorten(defuse(toLine(strip(limitInput(text, limit)))), limit)
}

/** Drops what cannot be shown anyway: no later step turns more than two characters into one. */
function limitInput(text: string, limit: number): string {
  return text.slice(0, 2 * limit + 2)
}

/** Escapes invisible characters, so that two values that differ also look different. */
export function strip(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(UNSEEN, (mark) => (mark === '\n' || mark === '\t' ? mark : escapeOf(mark)))
}

/** Escapes line feeds: a value must not start a line of the log that looks like ours. */
export function toLine(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

/**
 * Breaks commands of the runner (actions/runner, ActionCommand.cs: `::` at the start of a line after blanks, `##[`
 * anywhere) and of the agent (`##vso[` anywhere); other hosts have their own word between `##` and `[`.
 */
export function defuse(text: string): string {
  return text.replaceAll(/^([^\S\n]*)::/gm, '$1: :').replaceAll(/##(?=\w*\[)/g, '## ')
}

/** @param limit in UTF-16 units; never splits a character */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text
  const cut = text.slice(0, limit)
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`
}

/**
 * For a plain-text output, which a later step may pass to any shell's echo: one line without `::` anywhere, and without
 * a backslash, since `sh` turns `\n` into a line feed and `\072` into a colon.
 */
export function toPlainOutput(text: string, limit = 2_000): string {
  const line = strip(limitInput(text, 4 * limit))
    .replaceAll(/\s+/g, ' ')
    .replaceAll('\\', '＼')
  return shorten(
    defuse(line)
      .replaceAll(/:(?=:)/g, ': ')
      .trim(),
    limit
  )
}

/** JSON for a file: printed, no string in it acts as a command, a tag or a fence. Values do not change. */
export function toSafeJson(value: unknown): string {
  return escapeIn(JSON.stringify(value, null, 2), /[#<`]|:(?=:)/g)
}

/** The same in parts, for an object with long lists: as one text they would be in memory several times. */
export function* safeJsonParts(value: object): Generator<string> {
  const given = Object.entries(value).filter(([, inner]) => inner !== undefined)
  yield '{'
  for (const [index, [key, inner]] of given.entries()) {
    yield `${index === 0 ? '' : ','}\n  ${toSafeJson(key)}: `
    if (!Array.isArray(inner)) yield toSafeJson(inner)
    else {
      yield '['
      for (const [at, item] of inner.entries()) yield `${at === 0 ? '' : ','}\n${toSafeJson(item ?? null)}`
      yield '\n]'
    }
  }
  yield '\n}\n'
}

/** One line of JSON for an output: safe and unchanged through any shell's echo, in quotes, in Markdown and in HTML. */
export function toJsonOutput(value: unknown): string {
  const text = JSON.stringify(value).replaceAll(/\\(["\\bfnrt])/g, (_all, mark: string) =>
    escapeOf(ESCAPES[mark] ?? mark)
  )
  return escapeIn(text, /[#<>&%$'`]|:(?=:)/g)
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** In JSON these characters occur only within strings, except for the line feeds between fields. */
function escapeIn(json: string, steering: RegExp): string {
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
