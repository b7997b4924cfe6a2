import { mapStrings } from './strings.ts'

/** Removes known secrets from text: the last guard before every line, file and output. */
export class Redaction {
  readonly #secrets = new Set<string>()
  /** Those that begin alike, by their beginning. */
  readonly #beginnings = new Map<string, string[]>()
  /** Which hashes of a beginning occur at all. */
  readonly #hashes = new Uint8Array(HASHES)

  add(secret: string): void {
    if (secret.length < SHORTEST || this.#secrets.has(secret)) return
    this.#secrets.add(secret)
    const begin = secret.slice(0, SHORTEST)
    this.#hashes[hashAt(secret, 0)] = 1
    const alike = this.#beginnings.get(begin)
    if (alike) alike.push(secret)
    else this.#beginnings.set(begin, [secret])
  }

  /** Call this before anything else changes the text: an escaped or shortened secret is no longer found. */
  of(text: string): string {
    let clean = text
    for (const secret of this.#candidates(text))
      clean = redactCutSecret(clean.replaceAll(secret, '***'), secret)
    return clean
  }

  /** The secrets whose beginning is in the text: of a thousand secrets in a cluster, most texts have none. */
  #candidates(text: string): Iterable<string> {
    if (this.#secrets.size <= FEW) return this.#secrets
    const found = new Set<string>()
    for (let at = 0; at <= text.length - SHORTEST; at += 1)
      if (this.#hashes[hashAt(text, at)] === 1)
        for (const secret of this.#beginnings.get(text.slice(at, at + SHORTEST)) ?? []) found.add(secret)
    // In the order in which they were added, as with few.
    return found.size < 2 ? found : [...this.#secrets].filter((secret) => found.has(secret))
  }

  /** Redacts every string in the value, field names included. */
  in<T>(value: T): T {
    return mapStrings(value, (text) => this.of(text))
  }
}

const HASHES = 65_536

/** Of four characters. */
function hashAt(text: string, at: number): number {
  let hash = 0
  for (let index = at; index < at + 4; index += 1) hash = (hash * 31 + text.charCodeAt(index)) % HASHES
  return hash
}

/** Shorter secrets are ordinary words and would match everywhere. */
const SHORTEST = 8
/** Up to so many, looking for each is faster than looking for beginnings. */
const FEW = 32

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
