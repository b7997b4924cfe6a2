/** The contract between the engine and a resource: five methods. Each resource is one file in `chain/`. */
import type { RunRetryPolicy } from '../http/retry.ts'
import type { Finding } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { ChainOutputs, Difference } from './outcome.ts'

export interface ReadOptions {
  /** Ask the services again; ignore anything cached. */
  readonly fresh: boolean
}

/** A state compared with its specification. */
export interface Assessment<Output, Dependents> {
  /** Decides between created and updated, missing and drifted. */
  readonly exists: boolean
  /** Field by field; empty when in order. */
  readonly differences: readonly Difference[]
  /** Worth reporting, although they do not stop the run. */
  readonly findings?: readonly Finding[]
  /** What later resources need; absent when the resource does not exist (yet). */
  readonly output?: Output | undefined
  /** For the outputs of the run. */
  readonly outputs?: ChainOutputs
  /** One line for the log. */
  readonly summary?: string
  /** Other users of the chain that this resource knows of. */
  readonly dependents?: Partial<Dependents>
}

/** What to delete, or why it must stay. */
export interface Deletion {
  readonly what: string
  /** The reason to keep it. */
  readonly retain?: string
  /** The part of the resource that stays after `what` is deleted, and why. */
  readonly left?: string
  /** The part that stays does not use the rest of the chain. */
  readonly detached?: true
}

/**
 * @typeParam Spec what the resource should be, including outputs of earlier resources
 * @typeParam State what it is now
 * @typeParam Output what later resources need from it
 * @typeParam Services the clients that resources call; the engine only passes them on
 * @typeParam Dependents the other users of the chain; the engine only passes them on
 */
export interface Resource<Spec, State, Output, Services, Dependents> {
  readonly kind: ResourceKind
  /** Never writes. */
  read(spec: Spec, services: Services, options: ReadOptions): Promise<State>
  /** Pure. */
  assess(spec: Spec, state: State): Assessment<Output, Dependents>
  /** Idempotent; safe to be killed and run again. The engine reads afterwards. Absent: the resource is only read. */
  apply?(spec: Spec, state: State, services: Services, policy: RunRetryPolicy): Promise<void>
  /** Pure. undefined: nothing to delete. */
  planDelete?(spec: Spec, state: State, dependents: Dependents): Deletion | undefined
  /** Deletes what `planDelete` names. Idempotent; safe to be killed and run again. */
  delete?(spec: Spec, state: State, services: Services, policy: RunRetryPolicy): Promise<void>
}
