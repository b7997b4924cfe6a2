/** What the engine asks of a resource. One file per hop in `resources/` answers. */
import type { RunPatience } from '../http/retry.ts'
import type { Others } from './dependents.ts'
import type { ProblemFacts } from '../core/problem.ts'
import type { Change, Facts, HopName } from './outcome.ts'

/** Something of a hop that is there: what it is, and, when it has to stay, why. */
export interface Belonging {
  readonly what: string
  readonly keep?: string
  /** What else of the hop stays when `what` goes, and why. */
  readonly left?: string
  /** What stays does not use the rest of the chain. */
  readonly detached?: true
}

/**
 * @typeParam Want what the hop should be, with the facts of earlier hops in it
 * @typeParam Seen what it is
 * @typeParam Given what later hops need of it
 * @typeParam Services what hops call: the engine only passes it on
 */
export interface Hop<Want, Seen, Given, Services> {
  readonly name: HopName
  /** Reads only. `fresh`: ask the services anew, use nothing read before. */
  observe(want: Want, services: Services, fresh: boolean): Promise<Seen>
  /** Whether there is something at all: the difference between created and updated, missing and drifted. */
  exists(seen: Seen): boolean
  /** Field by field; empty when in order. Pure. */
  compare(want: Want, seen: Seen): Change[]
  /** What later hops need; undefined when it does not exist (yet). */
  given(want: Want, seen: Seen): Given | undefined
  /** For the outputs. */
  facts?(given: Given): Facts
  /** What somebody should know or do, though it stops nothing. Pure. */
  notes?(want: Want, seen: Seen): ProblemFacts[]
  /** One line for the log. */
  summary(given: Given): string
  /** Idempotent; safe to be killed and run again. The engine observes afterwards. Absent: the hop only reads. */
  apply?(want: Want, seen: Seen, services: Services, patience: RunPatience): Promise<void>
  /** What this hop knows of others that rest on the chain. */
  others?(want: Want, seen: Seen): Partial<Others>
  /** What there is for remove; undefined: nothing. Pure. */
  belonging?(want: Want, seen: Seen, others: Others): Belonging | undefined
  /** Takes away what `belonging` names. Idempotent; safe to be killed and run again. */
  remove?(want: Want, seen: Seen, services: Services, patience: RunPatience): Promise<void>
}
