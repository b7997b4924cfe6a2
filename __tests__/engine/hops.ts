/** Hops that are nothing but a value, in a service that is nothing but a variable. */
import { explain } from '../../src/diagnosis/catalogue.ts'
import type { RunPatience } from '../../src/http/retry.ts'
import { HttpProblem } from '../../src/http/errors.ts'
import type { Hop } from '../../src/engine/resource.ts'
import type { Change, HopName, HopOutcome } from '../../src/engine/outcome.ts'
import type { RunContext } from '../../src/engine/graph.ts'

export function patience(say: (text: string) => void = () => undefined): RunPatience {
  return { deadline: Date.now() + 60_000, budget: 60_000, say, signal: new AbortController().signal }
}
export function context(done: (hop: HopOutcome) => void = () => undefined): RunContext<unknown> {
  return { services: {}, explain, patience: patience(), started: Date.now(), done }
}
/** It asks for the shortest wait there is. */
export const answer = (status: number, more: { propagating?: boolean } = {}): HttpProblem =>
  new HttpProblem({ plane: 'ARM', request: 'PUT /x', status, detail: 'text', retryAfter: 200, ...more })

/** What a service holds. */
export interface Cell {
  value: string | undefined
  reads: number
  writes: number
}
export const cell = (value?: string): Cell => ({ value, reads: 0, writes: 0 })

export type ValueHop = Hop<string, string | undefined, string, unknown>
export function hopOn(held: Cell, name: HopName = 'identity', more: Partial<ValueHop> = {}): ValueHop {
  return {
    name,
    observe: () => {
      held.reads += 1
      return Promise.resolve(held.value)
    },
    exists: (seen) => seen !== undefined,
    compare: (want, seen): Change[] =>
      want === seen ? [] : [{ field: 'value', expected: want, found: seen }],
    given: (_want, seen) => seen,
    facts: (given) => ({ clientId: given }),
    summary: (given) => `value ${given}`,
    apply: (want) => {
      held.writes += 1
      held.value = want
      return Promise.resolve()
    },
    ...more
  }
}
export const wanting = (value: string) => (): Promise<string> => Promise.resolve(value)
