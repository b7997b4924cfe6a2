/**
 * Empties fields of a JSON text while its bytes arrive. Most of a large Application is what Argo CD writes about its
 * resources, which nobody here reads: thousands of them would otherwise be in memory as text and as objects.
 */

/** Keys, from the outside in. Elements of an array have the path of the array. A key that is written with escapes is none. */
export type Path = readonly string[]

interface Keys {
  readonly inner: ReadonlyMap<string, Keys>
  /** Whether a value here is emptied. */
  readonly emptied: boolean
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]
const NOWHERE: Keys = { inner: new Map(), emptied: false }
/** In bytes; a longer key is none of those searched for. */
const LONGEST_KEY = 128

/** A container that is open, as far as paths lead into it. */
interface Level {
  readonly isObject: boolean
  /** Of its values: the whole path to here. */
  readonly keys: Keys
  /** Of the next value of an object. */
  next: Keys
  /** Whether the next string of an object is a key. */
  expectsKey: boolean
}

export class Emptied {
  readonly #root: Keys
  /** The open containers on a path. */
  readonly #levels: Level[] = []
  /** A value that is passed over as a whole, and whether it is left out. */
  #passed: { readonly isKept: boolean } | undefined
  /** Containers that are open in it. */
  #depth = 0
  #inString = false
  #escaped = false
  /** Bytes of a key that is being read. */
  #key: number[] | undefined

  constructor(paths: readonly Path[]) {
    this.#root = keysOf(paths)
  }

  /** @returns what remains of the bytes: strings and containers at the paths are empty, everything else is unchanged */
  write(chunk: Uint8Array): Buffer {
    const kept: Uint8Array[] = []
    let from = 0
    for (let at = 0; at < chunk.length;) {
      if (!this.#passed) {
        this.#read(chunk[at] ?? 0)
        at += 1
        continue
      }
      const { isKept } = this.#passed
      if (!isKept) kept.push(chunk.subarray(from, at))
      const { next, ended } = this.#passOver(chunk, at)
      at = next
      // The last byte of a value that is left out stays, as its first.
      if (!isKept) from = ended ? at - 1 : at
    }
    kept.push(chunk.subarray(from))
    return Buffer.concat(kept)
  }

  /** @returns the index after the value, or after the chunk. Most bytes are read here: one loop, no calls. */
  #passOver(chunk: Uint8Array, start: number): { readonly next: number; readonly ended: boolean } {
    let [at, depth, inString, escaped] = [start, this.#depth, this.#inString, this.#escaped]
    let ended = false
    for (; at < chunk.length && !ended; at += 1) {
      const byte = chunk[at]
      if (inString) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) {
          inString = false
          ended = depth === 0
        }
      } else if (byte === QUOTE) inString = true
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        depth -= 1
        ended = depth === 0
      }
    }
    this.#depth = depth
    this.#inString = inString
    this.#escaped = escaped
    if (ended) this.#passed = undefined
    return { next: at, ended }
  }

  /** A byte of a container on a path, or of a key in it. */
  #read(byte: number): void {
    const level = this.#levels.at(-1)
    if (this.#key) this.#readKey(byte, this.#key, level)
    else if (byte === QUOTE) {
      if (level?.expectsKey === true) this.#key = []
      else this.#pass(this.#here(level), { depth: 0, inString: true })
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      const keys = this.#here(level)
      const isObject = byte === OPEN_OBJECT
      if (keys.emptied || keys.inner.size === 0) this.#pass(keys, { depth: 1, inString: false })
      else this.#levels.push({ isObject, keys, next: NOWHERE, expectsKey: isObject })
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) this.#levels.pop()
    else if (byte === COMMA && level?.isObject === true) {
      level.expectsKey = true
      level.next = NOWHERE
    }
  }

  #readKey(byte: number, key: number[], level: Level | undefined): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === BACKSLASH) this.#escaped = true
    else if (byte === QUOTE) {
      this.#key = undefined
      if (!level) return
      level.expectsKey = false
      level.next = level.keys.inner.get(Buffer.from(key).toString('utf8')) ?? NOWHERE
      return
    }
    if (key.length <= LONGEST_KEY) key.push(byte)
  }

  #pass(
    { emptied }: Keys,
    { depth, inString }: { readonly depth: number; readonly inString: boolean }
  ): void {
    this.#passed = { isKept: !emptied }
    this.#depth = depth
    this.#inString = inString
  }

  /** Where the next value is. */
  #here(level: Level | undefined): Keys {
    if (!level) return this.#root
    return level.isObject ? level.next : level.keys
  }
}

function keysOf(paths: readonly Path[]): Keys {
  const groups = new Map<string, Path[]>()
  for (const [first, ...rest] of paths)
    if (first !== undefined) groups.set(first, [...(groups.get(first) ?? []), rest])
  return {
    emptied: paths.some((path) => path.length === 0),
    inner: new Map([...groups].map(([key, rest]) => [key, keysOf(rest)]))
  }
}
