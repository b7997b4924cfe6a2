/**
 * Entra's texts: `AADSTS70021: <sentence>. Trace ID: … Correlation ID: … Timestamp: …`, sometimes on lines of their
 * own.
 */

/** The first sentence, without the ids and times, which do not help the reader and differ on each attempt. */
export function sentenceOf(text: string): string {
  const ends = ['Trace ID:', '\r', '\n'].map((mark) => text.indexOf(mark)).filter((at) => at !== -1)
  return text.slice(0, Math.min(text.length, ...ends)).trimEnd()
}

/** The same, starting at the number: MSAL puts its own text before it. */
export function numberedSentence(text: string): { code: string | undefined; sentence: string } {
  const found = /AADSTS\d{1,9}/.exec(text)
  if (!found) return { code: undefined, sentence: text }
  return { code: found[0], sentence: sentenceOf(text.slice(found.index)) }
}
