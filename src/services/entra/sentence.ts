/** Entra's texts: `AADSTS70021: <sentence>. Trace ID: … Correlation ID: … Timestamp: …`, sometimes on lines of their own. */

/** The first sentence: the ids and times that follow are of no use to the reader, and differ at each try. */
export function sentenceOf(text: string): string {
  const ends = ['Trace ID:', '\r', '\n'].map((mark) => text.indexOf(mark)).filter((at) => at !== -1)
  return text.slice(0, Math.min(text.length, ...ends)).trimEnd()
}

/** The same, from its number on, where MSAL has put words of its own before it. */
export function numberedSentence(text: string): { code: string | undefined; sentence: string } {
  const found = /AADSTS\d{1,9}/.exec(text)
  if (!found) return { code: undefined, sentence: text }
  return { code: found[0], sentence: sentenceOf(text.slice(found.index)) }
}
