/** What the engine asks of a resource: five questions. One file per resource in `chain/` answers them. */
import type { RunRetryPolicy } from '../http/retry.ts'
import type { Finding } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { ChainOutputs, Difference } from './outcome.ts'

export interface ReadOptions {
  /** Ask the services anew, use nothing read before. */
  readonly fresh: boolean
}

/** What a state comes to, beside its specification. */
export interface Assessment<Output, Dependents> {
  /** Whether there is something at all: created or updated, missing or drifted. */
  readonly exists: boolean
  /** Field by field; empty when in order. */
  readonly differences: readonly Difference[]
  /** What somebody should know or do, though it stops nothing. */
  readonly findings?: readonly Finding[]
  /** What later resources need; absent when it does not exist (yet). */
  readonly output?: Output | undefined
  /** For the outputs of the run. */
  readonly outputs?: ChainOutputs
  /** One line for the log. */
  readonly summary?: string
  /** What this resource knows of others that depend on the chain. */
  readonly dependents?: Partial<Dependents>
}

/** What there is to delete: what it is, and, when it has to stay, why. */
export interface Deletion {
  readonly what: string
  readonly retain?: string
  /** What else of the resource stays when `what` goes, and why. */
  readonly left?: string
  /** What stays does not use the rest of the chain. */
  readonly detached?: true
}

/**
 * @typeParam Spec what the resource should be, with the outputs of earlier resources in it
 * @typeParam State what it is
 * @typeParam Output what later resources need of it
 * @typeParam Services what resources call: the engine only passes it on
 * @typeParam Dependents who else uses the chain: the engine only passes it on
 */
export interface Resource<Spec, State, Output, Services, Dependents> {
  readonly kind: ResourceKind
  /** Never writes. */
  read(spec: Spec, services: Services, options: ReadOptions): Promise<State>
  /** Pure. */
  assess(spec: Spec, state: State): Assessment<Output, Dependents>
  /** Idempotent; safe to be killed and run again. The engine reads afterwards. Absent: it is only read. */
  apply?(spec: Spec, state: State, services: Services, policy: RunRetryPolicy): Promise<void>
  /** What there is to delete; undefined: nothing. Pure. */
  planDelete?(spec: Spec, state: State, dependents: Dependents): Deletion | undefined
  /** Deletes what `planDelete` names. Idempotent; safe to be killed and run again. */
  delete?(spec: Spec, state: State, services: Services, policy: RunRetryPolicy): Promise<void>
}
