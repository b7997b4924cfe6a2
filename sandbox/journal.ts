/** What every server of the twin shares: the record of requests, and the bad days one can order for them. */
export const PLANES = [
  'arm',
  'entra',
  'devops',
  'graph',
  'entitlements',
  'git',
  'kubernetes',
  'oidc'
] as const
export type Plane = (typeof PLANES)[number]

/** One request as `GET /requests` shows it; start and end in ms of one clock. */
export interface Entry {
  plane: Plane
  method: string
  path: string
  status: number
  start: number
  end: number
  /** Who asked, when it was the twin's own Argo CD. */
  by?: 'argocd'
}

export const FAULTS = ['429', '500', '503', 'reset', 'hang', 'slow', 'stale', '409'] as const
export type FaultKind = (typeof FAULTS)[number]

/** A fault order: which requests (all given parts must match; `path` is a regular expression), from the `nth` match on, how often. */
export interface Fault {
  plane?: Plane
  method?: string
  path?: string
  /** 1 = the first match (the default). */
  nth?: number
  kind: FaultKind
  /** How many matches in a row are hit; 1 when absent. */
  times?: number
}

export class Journal {
  readonly entries: Entry[] = []
  /** Added to every answer, in ms. */
  latency = 0
  readonly #faults: { fault: Fault; seen: number; left: number }[] = []
  readonly #lastAnswers = new Map<string, { status: number; headers: Record<string, string>; body: Buffer }>()

  order(fault: Fault): void {
    this.#faults.push({ fault, seen: 0, left: fault.times ?? 1 })
  }

  /** How many requests the orders of bad days have hit so far. */
  get hits(): number {
    return this.#faults.reduce((sum, { fault, left }) => sum + (fault.times ?? 1) - left, 0)
  }

  /** No more bad days. */
  calm(): void {
    this.#faults.length = 0
  }

  clear(): void {
    this.entries.length = 0
  }

  reset(): void {
    this.clear()
    this.latency = 0
    this.#faults.length = 0
    this.#lastAnswers.clear()
  }

  /** The fault due for this request, if any; counts the match. */
  due(plane: Plane, method: string, path: string): FaultKind | undefined {
    for (const order of this.#faults) {
      const { fault } = order
      if (fault.plane !== undefined && fault.plane !== plane) continue
      if (fault.method !== undefined && fault.method.toUpperCase() !== method) continue
      if (fault.path !== undefined && !new RegExp(fault.path).test(path)) continue
      order.seen += 1
      if (order.seen < (fault.nth ?? 1) || order.left === 0) continue
      order.left -= 1
      return fault.kind
    }
    return undefined
  }

  /** Remembers the last good answer to a GET, so that `stale` can give it again. */
  remember(key: string, answer: { status: number; headers: Record<string, string>; body: Buffer }): void {
    this.#previous.set(key, this.#lastAnswers.get(key) ?? answer)
    this.#lastAnswers.set(key, answer)
  }

  readonly #previous = new Map<string, { status: number; headers: Record<string, string>; body: Buffer }>()

  /** The answer before the last one. */
  stale(key: string): { status: number; headers: Record<string, string>; body: Buffer } | undefined {
    return this.#previous.get(key)
  }
}
