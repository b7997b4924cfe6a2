/**
 * Entra's texts: `AADSTS70021: <sentence>. Trace ID: … Correlation ID: … Timestamp: …`, sometimes on lines of their
 * own.
 */

/** The first sentence, without the ids and times, which do not help the reader and differ on each attempt. */
export function sentenceOf(text: string): string {
  const ends = ['Trace ID:', '\r', '\n'].map((mark) => text.indexOf(mark)).filter((at) => at !== -1)
  return text.slice(0, Math.min(text.length, ...ends)).trimEnd()
}

/** Logs wrap lines, also within a number: they have five digits at least, and a colon after them. */
const NUMBER = /AADSTS(?:\d{1,4}[\r\n]{1,2}\t{0,9}\d{1,9}|\d{5,8}[\r\n]{1,2}\t{0,9}\d{1,4}(?=:)|\d{1,9})/

/** The same, starting at the number: MSAL puts its own text before it. */
export function numberedSentence(text: string): { code: string | undefined; sentence: string } {
  const found = NUMBER.exec(text)
  if (!found) return { code: undefined, sentence: text }
  const [whole] = found
  const code = whole.replaceAll(/\s/g, '')
  return { code, sentence: sentenceOf(`${code}${text.slice(found.index + whole.length)}`) }
}
