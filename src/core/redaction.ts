import { mapStrings } from './strings.ts'

/** Removes known secrets from text: the last guard before every line, file and output. */
export class Redaction {
  readonly #secrets = new Set<string>()

  add(secret: string): void {
    if (secret.length >= SHORTEST) this.#secrets.add(secret)
  }

  /** Call this before anything else changes the text: an escaped or shortened secret is no longer found. */
  of(text: string): string {
    let clean = text
    for (const secret of this.#secrets) clean = redactCutSecret(clean.replaceAll(secret, '***'), secret)
    return clean
  }

  /** Redacts every string in the value, field names included. */
  in<T>(value: T): T {
    return mapStrings(value, (text) => this.of(text))
  }
}

/** Shorter secrets are ordinary words and would match everywhere. */
const SHORTEST = 8

/** A service may have shortened its text in the middle of a secret. */
function redactCutSecret(text: string, secret: string): string {
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
