/** Resources that are nothing but a value, in a service that is nothing but a variable. */
import { explain } from '../../src/diagnosis/explain.ts'
import type { RunRetryPolicy } from '../../src/http/retry.ts'
import { HttpProblem } from '../../src/http/errors.ts'
import type { Finding, FindingFacts } from '../../src/core/finding.ts'
import type { ResourceKind } from '../../src/core/finding-titles.ts'
import type { Dependents } from '../../src/chain/dependents.ts'
import type { Graph, RunContext } from '../../src/engine/graph.ts'
import type { ChainOutputs, Difference, ResourceOutcome } from '../../src/engine/outcome.ts'
import type { Resource } from '../../src/engine/resource.ts'

export function policy(report: (text: string) => void = () => undefined): RunRetryPolicy {
  return { deadline: Date.now() + 60_000, budget: 60_000, report, signal: new AbortController().signal }
}
export function context(done: (outcome: ResourceOutcome) => void = () => undefined): RunContext<unknown> {
  return { services: {}, explain, policy: policy(), started: Date.now(), done }
}
/** It asks for the shortest wait there is. */
export const answer = (status: number, more: { propagating?: boolean | number } = {}): HttpProblem =>
  new HttpProblem({ service: 'ARM', request: 'PUT /x', status, detail: 'text', retryAfter: 200, ...more })

export const BY_HAND: FindingFacts = {
  id: 'resource/still-differs',
  summary: 'a human has to',
  remedy: 'do it'
}

/** What a service holds. */
export interface Cell {
  value: string | undefined
  reads: number
  writes: number
}
export const cell = (value?: string): Cell => ({ value, reads: 0, writes: 0 })

export type ValueGraph = Graph<unknown, Dependents>
export type ValueResource = Resource<string, string | undefined, string, unknown, Dependents>

/** Parts of the assessment that a test makes otherwise. */
interface Parts extends Partial<Omit<ValueResource, 'kind' | 'assess'>> {
  readonly differences?: (spec: string, state: string | undefined) => Difference[]
  readonly findings?: () => Finding[]
  readonly outputs?: (output: string) => ChainOutputs
  readonly dependents?: () => Partial<Dependents>
}
export type { Parts as ValueParts }

export function valueOf(
  held: Cell,
  kind: ResourceKind = 'identity',
  { differences, findings, outputs, dependents, ...more }: Parts = {}
): ValueResource {
  const differencesOf =
    differences ??
    ((spec: string, state: string | undefined): Difference[] =>
      spec === state ? [] : [{ field: 'value', expected: spec, actual: state }])
  return {
    kind,
    read: () => {
      held.reads += 1
      return Promise.resolve(held.value)
    },
    assess: (spec, state) => ({
      exists: state !== undefined,
      differences: differencesOf(spec, state),
      ...(findings && { findings: findings() }),
      ...(dependents && { dependents: dependents() }),
      ...(state !== undefined && {
        output: state,
        outputs: outputs ? outputs(state) : { clientId: state },
        summary: `value ${state}`
      })
    }),
    apply: (spec) => {
      held.writes += 1
      held.value = spec
      return Promise.resolve()
    },
    ...more
  }
}
export const specOf = (value: string) => (): Promise<string> => Promise.resolve(value)
