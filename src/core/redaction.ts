import { mapStrings } from './strings.ts'

/** Takes known secrets out of text: the last guard of every line, file and output of this tool. */
export class Redaction {
  readonly #secrets = new Set<string>()

  add(secret: string): void {
    if (secret.length >= SHORTEST) this.#secrets.add(secret)
  }

  /** Before anything else is done to the text: what is escaped or cut is no longer found. */
  of(text: string): string {
    let clean = text
    for (const secret of this.#secrets) clean = withoutBegin(clean.replaceAll(secret, '***'), secret)
    return clean
  }

  /** Every string in it, names of fields included; all else stays as it is. */
  in<T>(value: T): T {
    return mapStrings(value, (text) => this.of(text))
  }
}

/** Shorter ones are words: they would be found everywhere. */
const SHORTEST = 8

/** A service's text may have been cut in the middle of a secret that it repeated. */
function withoutBegin(text: string, secret: string): string {
  const begin = secret.slice(0, SHORTEST)
  if (!text.includes('…') || !text.includes(begin)) return text
  return text
    .split('…')
    .map((part, index, parts) => {
      const at = index < parts.length - 1 ? part.lastIndexOf(begin) : -1
      return at >= 0 && secret.startsWith(part.slice(at)) ? `${part.slice(0, at)}***` : part
    })
    .join('…')
}
