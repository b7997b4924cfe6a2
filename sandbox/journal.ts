/** Shared by all servers of the twin: the record of requests, and the faults that a test can order. */
import type { Answer, Call, STREAMED } from './wire.ts'

export const PLANES = [
  'arm',
  'entra',
  'devops',
  'graph',
  'entitlements',
  'git',
  'kubernetes',
  'oidc',
  'github',
  'msgraph',
  'registry'
] as const
export type ServiceName = (typeof PLANES)[number]

/** One request, as `GET /requests` shows it; start and end in ms of one clock. */
export interface Entry {
  service: ServiceName
  method: string
  path: string
  status: number
  start: number
  end: number
  /** Set when the twin's own Argo CD sent the request. */
  by?: 'argocd'
}

export const FAULTS = ['429', '500', '503', 'reset', 'hang', 'slow', 'stale', '409'] as const
export type FaultKind = (typeof FAULTS)[number]

/** Selects requests: all given parts must match; `path` is a regular expression. */
interface Matching {
  service?: ServiceName
  method?: string
  path?: string
  /** 1 = the first match (the default). */
  nth?: number
}

/** An ordered fault, from the `nth` match on. */
export interface Fault extends Matching {
  kind: FaultKind
  /** How many matches in a row are hit; 1 when absent. */
  times?: number
}

/** Waits for one request: called before it, which is then never handled, or after it. */
interface Boundary extends Matching {
  readonly moment: 'before' | 'after'
  readonly tell: () => void
}

type Reply = Answer | typeof STREAMED

/** An answer that can be repeated. */
interface Kept {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** Plays a hostile intermediary, which answers instead of the service or changes its answer. */
export interface Forgery extends Matching {
  /** How many requests; all when absent. */
  readonly times?: number
  readonly forge: (call: Call, real: () => Promise<Reply>) => Promise<Reply> | Reply
}

export class Journal {
  readonly entries: Entry[] = []
  /** The description of a request's token (bearer.ts), if it has one. For tests only, not in `GET /requests`. */
  readonly bearers = new WeakMap<Entry, string>()
  /** Added to every answer, in ms. */
  latency = 0
  /** Holds a request back until the returned promise resolves (waves.ts). */
  gate: ((entry: Entry) => Promise<void> | undefined) | undefined
  readonly #faults: { fault: Fault; seen: number; left: number }[] = []
  readonly #boundaries: { boundary: Boundary; seen: number }[] = []
  readonly #forgeries: { forgery: Forgery; seen: number }[] = []
  readonly #lastAnswers = new Map<string, Kept>()
  readonly #previous = new Map<string, Kept>()

  order(fault: Fault): void {
    this.#faults.push({ fault, seen: 0, left: fault.times ?? 1 })
  }

  /** How many requests have met an ordered fault so far. */
  get hits(): number {
    return this.#faults.reduce((sum, { fault, left }) => sum + (fault.times ?? 1) - left, 0)
  }

  /** Cancels all ordered faults. */
  calm(): void {
    this.#faults.length = 0
    this.#boundaries.length = 0
    this.#forgeries.length = 0
  }

  waitFor(boundary: Boundary): void {
    this.#boundaries.push({ boundary, seen: 0 })
  }

  forge(forgery: Forgery): void {
    this.#forgeries.push({ forgery, seen: 0 })
  }

  /** The forgery for this request, if any; counts the match. */
  forgery(request: Pick<Entry, 'service' | 'method' | 'path'>): Forgery['forge'] | undefined {
    for (const one of this.#forgeries) {
      if (!matches(one.forgery, request) || one.seen >= (one.forgery.times ?? Infinity)) continue
      one.seen += 1
      return one.forgery.forge
    }
    return undefined
  }

  /** @returns the boundary at this request, if any; counts the match. */
  boundary(request: Pick<Entry, 'service' | 'method' | 'path'>): Boundary | undefined {
    for (const one of this.#boundaries) {
      if (!matches(one.boundary, request)) continue
      one.seen += 1
      if (one.seen === (one.boundary.nth ?? 1)) return one.boundary
    }
    return undefined
  }

  clear(): void {
    this.entries.length = 0
  }

  reset(): void {
    this.clear()
    this.latency = 0
    this.calm()
    this.#lastAnswers.clear()
    this.#previous.clear()
  }

  /** The fault due for this request, if any; counts the match. */
  due(service: ServiceName, method: string, path: string): FaultKind | undefined {
    for (const order of this.#faults) {
      const { fault } = order
      if (!matches(fault, { service, method, path })) continue
      order.seen += 1
      if (order.seen < (fault.nth ?? 1) || order.left === 0) continue
      order.left -= 1
      return fault.kind
    }
    return undefined
  }

  /** Remembers the last good answer to a GET, so that `stale` can give it again. */
  remember(key: string, answer: Kept): void {
    this.#previous.set(key, this.#lastAnswers.get(key) ?? answer)
    this.#lastAnswers.set(key, answer)
  }

  /** The answer before the last one. */
  stale(key: string): Kept | undefined {
    return this.#previous.get(key)
  }
}

function matches(
  wanted: Matching,
  { service, method, path }: Pick<Entry, 'service' | 'method' | 'path'>
): boolean {
  return (
    (wanted.service === undefined || wanted.service === service) &&
    (wanted.method === undefined || wanted.method.toUpperCase() === method) &&
    (wanted.path === undefined || new RegExp(wanted.path).test(path))
  )
}
