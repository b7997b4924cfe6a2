/**
 * YAML as a tree that knows its lines, so that every fault can say where it is. Plain data only: anchors, aliases and
 * tags are refused, because an alias lets a small file stand for an endless one, and `defaults` says the same better.
 */
import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml'

export type Tree = Scalar | List | Mapping

export interface Scalar {
  readonly kind: 'scalar'
  /** From 1. */
  readonly line: number
  /** undefined: nothing, `~` or `null`. */
  readonly text: string | undefined
}

export interface List {
  readonly kind: 'list'
  readonly line: number
  readonly items: readonly Tree[]
}

export interface Mapping {
  readonly kind: 'mapping'
  readonly line: number
  readonly entries: readonly Entry[]
}

export interface Entry {
  readonly key: string
  readonly line: number
  readonly value: Tree
}

/** Reports a fault of the file, at a line. */
export type FaultAt = (line: number, problem: string, remedy: string) => void

type Event = ReturnType<typeof parseEvents>[number]

/** A file of targets is five levels deep. */
const DEPTH = 20

/** @returns undefined when the text is no YAML that can be read as one document; the fault is reported */
export function treeOf(text: string, fault: FaultAt): Tree | undefined {
  let events: Event[]
  try {
    events = parseEvents(text, { maxDepth: DEPTH })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    fault((error.mark?.line ?? 0) + 1, `This is not YAML: ${error.reason}.`, 'Correct it.')
    return undefined
  }
  if (events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length > 1) {
    fault(1, 'There are several documents in the file.', 'Write one, without a line ---.')
    return undefined
  }
  return new Builder(text, events, fault).root()
}

class Builder {
  readonly #text: string
  readonly #events: readonly Event[]
  readonly #fault: FaultAt
  readonly #starts: readonly number[]
  #next = 0
  /** Of the last thing that has a place; what is empty has none. */
  #line = 1
  constructor(text: string, events: readonly Event[], fault: FaultAt) {
    this.#text = text
    this.#events = events
    this.#fault = fault
    this.#starts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map(({ 0: end, index }) => index + end.length)]
  }

  root(): Tree | undefined {
    this.#next = 1
    const first = this.#events[this.#next]
    return first === undefined || first.type === EVENT_ID.POP ? undefined : this.#tree()
  }

  #tree(): Tree {
    const event = this.#events[this.#next]
    this.#next += 1
    if (!event || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP)
      throw new Error('the parser ended a document early')
    if (event.type === EVENT_ID.ALIAS) return this.#refused(event.anchorStart, 'an alias (*)')
    const at = event.type === EVENT_ID.SCALAR ? event.valueStart : event.start
    if (at >= 0) this.#line = this.#lineAt(at)
    if (event.anchorStart >= 0) this.#refused(event.anchorStart, 'an anchor (&)')
    if (event.tagStart >= 0) this.#refused(event.tagStart, 'a tag (!)')
    const line = this.#line
    if (event.type === EVENT_ID.SCALAR) {
      const text = at < 0 ? '' : getScalarValue(this.#text, event)
      const isNothing = event.style === SCALAR_STYLE.PLAIN && /^(?:~|null|)$/i.test(text)
      return { kind: 'scalar', line, text: isNothing ? undefined : text }
    }
    return event.type === EVENT_ID.SEQUENCE
      ? { kind: 'list', line, items: this.#items() }
      : { kind: 'mapping', line, entries: this.#entries() }
  }

  #items(): Tree[] {
    const items: Tree[] = []
    while (!this.#ends()) items.push(this.#tree())
    return items
  }

  #entries(): Entry[] {
    const entries = new Map<string, Entry>()
    while (!this.#ends()) {
      const key = this.#tree()
      const { line } = key
      const value = this.#tree()
      const name = key.kind === 'scalar' ? (key.text ?? '') : undefined
      const known = name === undefined ? undefined : entries.get(name)
      if (name === undefined) this.#fault(line, 'A name is a list or a mapping.', 'Write name: value.')
      else if (known)
        this.#fault(line, `"${name}" is there twice; line ${known.line} has it, too.`, 'Keep one.')
      else entries.set(name, { key: name, line, value })
    }
    return [...entries.values()]
  }

  #ends(): boolean {
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false
    this.#next += 1
    return true
  }

  #refused(at: number, what: string): Scalar {
    const line = this.#lineAt(at)
    this.#fault(line, `There is ${what}.`, 'Write plain values; what targets share belongs under defaults.')
    return { kind: 'scalar', line, text: undefined }
  }

  #lineAt(offset: number): number {
    let [low, high] = [0, this.#starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}
