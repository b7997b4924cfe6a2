/**
 * What a recording may say. Not a search for secrets, which finds those that somebody thought of: whatever is not a word
 * of the interface (vocabulary.ts), a sentence without names, or the form of a value (`<guid>`, `<date>`, `<string>`) is
 * left out. What this run knows by name (`<tenant>`, `<organization>`) keeps that name, so that one sees where it occurs.
 */
import {
  MAP_KEY,
  MAPS,
  NAME_FIELDS,
  PUBLIC_IDS,
  QUERY_VALUE,
  SEGMENTS,
  TEXT_FIELDS,
  WORD_FIELDS
} from './vocabulary.ts'

export const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
/** Of sentences: with signs that names and ids have, too. */
const OWN_WORDS = new Set([
  '…',
  '-',
  '*',
  'namespace',
  '$collection',
  'www-authenticate',
  'x-vss-resourcetenant'
])
/** Of what has a name. */
const SHORTEST_NAME = 3
/** Shorter ones are parts of other words. */
const SHORTEST_PART = 6

export class Redaction {
  /** Value in lower case → its name. */
  readonly #known = new Map<string, string>()
  /** The same in the forms in which it may be a part of something, and short ones, which may be all of something. */
  readonly #hidden = new Set<string>()
  readonly #exact = new Set<string>()
  /** Asked for each of the same few thousand words, again and again. */
  readonly #asked = new Map<string, boolean>()
  /** Which service answers at a host and a path. */
  readonly serviceOf: (host: string, path: string) => string | undefined

  /** @param serviceOf undefined for a host that is none of them */
  constructor(serviceOf: (host: string, path: string) => string | undefined) {
    this.serviceOf = serviceOf
  }

  know(name: string, value: string | undefined): void {
    const plain = value?.trim().toLowerCase() ?? ''
    if (plain.length < SHORTEST_NAME || this.#known.has(plain) || PUBLIC_IDS.has(plain)) return
    this.#known.set(plain, name)
    this.#asked.clear()
    const forms = formsOf(value ?? '').map((form) => form.toLowerCase())
    for (const form of forms) (plain.length < SHORTEST_PART ? this.#exact : this.#hidden).add(form)
  }

  /** Names of people and things in an answer, which may come again in a sentence. */
  learnFrom(value: unknown): void {
    if (Array.isArray(value)) for (const one of value) this.learnFrom(one)
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        if (typeof inner === 'string' && NAME_FIELDS.has(key)) this.know('name', inner)
        else this.learnFrom(inner)
      }
  }

  /** A JSON value as its form: each field with what it holds, each list as the different forms of its items. */
  form(value: unknown, field = '', within = ''): unknown {
    if (typeof value === 'string') return MAPS.has(within) ? this.#chosen(value) : this.#string(value, field)
    if (typeof value === 'number') return WORD_FIELDS.has(field) ? value : '<number>'
    if (Array.isArray(value)) return distinct(value.map((one) => this.form(one, field, within)))
    if (typeof value !== 'object' || value === null) return value
    // Who wrote which field, by field: thousands of lines about nothing that is read.
    if (field === 'managedFields') return '<managed fields>'
    const forms = new Map<string, unknown[]>()
    for (const [key, inner] of Object.entries(value)) {
      const name = this.#key(key, MAPS.has(field))
      forms.set(name, [...(forms.get(name) ?? []), this.form(inner, name, field)])
    }
    const entries = [...forms].map(([key, all]): [string, unknown] => [
      key,
      key === '*' ? distinct(all) : all[0]
    ])
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** A sentence without what may be a name or an id: only plain words, short numbers and codes stay. */
  text(text: string): string {
    const named = this.#withNames(unescaped(text)).replaceAll(
      /(['"`])(?!<[a-z-]+>\1)(?:(?!\1).)*\1/g,
      '$1…$1'
    )
    return named
      .split(/(\s+)/)
      .map((token) => (/^\s*$/.test(token) ? token.replaceAll(/[^\n]+/g, ' ') : this.#token(token)))
      .join('')
      .slice(0, 2_000)
  }

  /** Path and query: what is not the interface's own becomes `*`. */
  path(path: string): { path: string; query: Record<string, string> } {
    const { pathname, searchParams } = new URL(path, 'https://any')
    const query = [...searchParams].map(([key, value]): [string, string] => [
      this.#isWord(key.replaceAll(/[$-]/g, '')) ? key : '*',
      QUERY_VALUE.test(value) && !this.#isHidden(value) ? value : '*'
    ])
    const segments = pathname.split('/').map((segment) => this.#segment(segment))
    return { path: segments.join('/'), query: Object.fromEntries(query) }
  }

  /** Of a header, lists of challenges (`Bearer authorization_uri=…, Basic realm="…"`) included. */
  header(name: string, value: string): string {
    if (name === 'content-type' && /^[a-z]+\/[a-z+.-]{1,60}(?:; ?charset=utf-8)?/i.test(value))
      return this.#isHidden(value) ? '<string>' : value.replace(/;(?! ?charset).*$/, '').toLowerCase()
    if (name === 'www-authenticate')
      return value
        .split(/,\s*/)
        .map((one) => {
          const [, scheme = '', key, said = ''] = /^([\w-]+)(?: (\w+)=)?(.*)$/.exec(one) ?? []
          const form = key === undefined ? '' : ` ${key}=${this.#string(said.replaceAll('"', ''), '')}`
          return this.#isWord(scheme.replaceAll('-', '')) ? `${scheme}${form}` : '<string>'
        })
        .join(', ')
    return this.#string(value, '')
  }

  headerName(name: string): string {
    return this.#isPhrase(name, '-') ? name : '*'
  }

  #string(text: string, field: string): string {
    const plain = text.trim().toLowerCase()
    const name = this.#known.get(plain)
    if (name !== undefined) return `<${name}>`
    if (text === '' || /^(?:true|false)$/i.test(text)) return text
    if (PUBLIC_IDS.has(plain)) return plain
    if (GUID.test(plain)) return '<guid>'
    if (/^[\d.+-]{1,30}$/.test(plain)) return '<digits>'
    if (/^\d{4}-\d\d-\d\d[t ][\d:.]+(?:z|[+-][\d:]+)?$/.test(plain) || /^\w{3}, \d\d \w{3} /.test(plain))
      return '<date>'
    if (WORD_FIELDS.has(field) && this.#isInterfaceWord(text)) return text
    if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) && text.startsWith('eyJ')) return '<jwt>'
    if (/^https?:\/\//.test(text)) return this.#url(text)
    if (/^\/[a-z]+\//i.test(text)) return this.path(text).path
    if (TEXT_FIELDS.has(field) && text.includes(' ')) return this.text(text)
    return '<string>'
  }

  /** What somebody wrote to a map: no more than whether it is something this run knows. */
  #chosen(text: string): string {
    const known = this.#string(text, '')
    return known === '' || /^<(?!digits|date|string)|^(?:true|false)$/.test(known) ? known : '<string>'
  }

  #url(text: string): string {
    const url = URL.parse(text)
    if (!url) return '<string>'
    const service = this.serviceOf(url.host, url.pathname)
    return `${url.protocol}//<${service ?? 'host'}>${this.path(url.pathname).path}`
  }

  #segment(segment: string): string {
    const plain = decoded(segment)
    const name = this.#known.get(plain.toLowerCase())
    if (name !== undefined) return `<${name}>`
    if (plain === '' || SEGMENTS.has(plain.toLowerCase()) || /^\d{1,2}$/.test(plain)) return segment
    return PUBLIC_IDS.has(plain.toLowerCase()) ? plain.toLowerCase() : '*'
  }

  #key(key: string, chosen: boolean): string {
    if (this.#isHidden(key)) return '*'
    if (chosen) return MAP_KEY.test(key) ? key : '*'
    return this.#isPhrase(key.replace(/^[@$_]|^odata\./, ''), '_') ? key : '*'
  }

  /** Words with a mark between them. */
  #isPhrase(text: string, mark: string): boolean {
    return text.split(mark).every((part) => this.#isWord(part)) && !isUnspeakable(text)
  }

  #token(token: string): string {
    const [, before = '', core = '', after = ''] = /^([(['"<]*)(.*?)([)\]'">.,;:!?]*)$/.exec(token) ?? []
    const isName = `${before}${core}${after}`.replace(/[.,;:!?]+$/, '')
    if (/^<[a-z-]+>$/.test(isName) && [...this.#known.values()].includes(isName.slice(1, -1))) return token
    if (core === '') return token
    const isCode = /^(?:AADSTS|TFS?|VSS?F?|HTTP)\d{2,8}$/.test(core)
    const keeps = isCode || /^\d{1,4}$/.test(core) || OWN_WORDS.has(core.toLowerCase())
    return keeps || this.#isWord(core) || (/^Microsoft\./.test(core) && this.#isInterfaceWord(core))
      ? token
      : `${before}…${after}`
  }

  /** `Microsoft.ManagedIdentity/userAssignedIdentities/read`, `urn:ietf:params:oauth`, `v1`, `apps/v1`. */
  #isInterfaceWord(text: string): boolean {
    if (text.length > 120 || this.#isHidden(text) || isUnspeakable(text)) return false
    return text
      .split(/[./:-]/)
      .every((part) => this.#isWord(part) || /^v\d(?:(?:alpha|beta)\d)?$/.test(part) || part === '')
  }

  /** As people and interfaces write words: camel case of parts that can be spoken, one abbreviation, one short number. */
  #isWord(text: string): boolean {
    const parts = text.match(/[A-Z]{2,5}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []
    if (parts.join('') !== text || text.length > 64 || this.#isHidden(text)) return false
    const count = (kind: RegExp): number => parts.filter((part) => kind.test(part)).length
    if (count(/^(?:\d{3,}|[A-Z]{6,}|[A-Za-z]{21,})$/) > 0 || count(/^\d+$/) > 1 || count(/^[A-Z]+$/) > 1)
      return false
    const spoken = text.length <= 8 || text.length / parts.length >= 3
    const long = text.length > 16 && count(/^\D{1,2}$/) > 1
    // Random text without capitals: names of an interface have digits at their end, if they are long.
    const random = text.length > 20 && /\d[a-z]/i.test(text)
    return spoken && !long && !random && count(/\D/) > 0 && !/^[0-9a-f]{12,}$/i.test(text)
  }

  /** Whether something this run knows is in it, as it is or encoded. */
  #isHidden(text: string): boolean {
    const before = this.#asked.get(text)
    if (before !== undefined) return before
    const hidden = this.#lookedUp(text)
    this.#asked.set(text, hidden)
    return hidden
  }

  #lookedUp(text: string): boolean {
    const plain = text.toLowerCase()
    return this.#exact.has(plain) || [...this.#hidden].some((form) => plain.includes(form))
  }

  #withNames(text: string): string {
    let named = text
    const longestFirst = [...this.#known].sort(([a], [b]) => b.length - a.length)
    for (const [value, name] of longestFirst) {
      const pattern = value.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
      named = named.replaceAll(new RegExp(`(?<![a-z0-9])${pattern}(?![a-z0-9])`, 'gi'), `<${name}>`)
    }
    return named
  }
}

/** Random text may fall into parts that look like words; but long ones, or ones that nobody can speak. */
function isUnspeakable(text: string): boolean {
  const plain = text.replaceAll(/\bv\d(?:(?:alpha|beta)\d)?\b|\bk8s\b/g, '')
  const random = /\d[a-z]|[^aeiouy\d\W_]{6}/i.test(plain) || /[a-z]{17}|[A-Z]{17}/.test(plain)
  return /[^a-z\d]/i.test(text) && text.length > 20 && random
}

/** As it is, without dashes, in percent and in base64 wherever in it the value begins. */
function formsOf(value: string): string[] {
  const spellings = [value, value.toLowerCase(), value.toUpperCase()]
  const encoded = spellings.flatMap((text) =>
    [0, 1, 2].flatMap((offset) => {
      const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
      // The first and last characters also hold bits of the neighbours.
      const [from, left] = [Math.ceil((offset * 8) / 6), bytes.length % 3 === 0 ? 0 : 1]
      return (['base64', 'base64url'] as const).map((encoding) => {
        const all = bytes.toString(encoding).replaceAll('=', '')
        return all.slice(from, all.length - left)
      })
    })
  )
  const hex = Buffer.from(value).toString('hex')
  const plain = [value, value.replaceAll('-', ''), encodeURIComponent(value), hex]
  return [...plain, ...encoded].filter((form) => form.length >= SHORTEST_NAME)
}

/** `%2d` and `\u002d` are spellings, too; twice encoded as well. */
function unescaped(text: string): string {
  const once = decoded(
    text.replaceAll(/\\u([0-9a-f]{4})/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16))
    )
  )
  return once === text ? text : unescaped(once)
}

function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (part) => {
    try {
      return decodeURIComponent(part)
    } catch {
      return part
    }
  })
}

function distinct(forms: readonly unknown[]): unknown[] {
  const byText = new Map(forms.map((form) => [JSON.stringify(form), form]))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, form]) => form)
}
