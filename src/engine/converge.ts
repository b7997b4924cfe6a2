/** The one loop around every write: write, read, compare with the specification, repeat. */
import {
  classOf,
  delayBefore,
  delayWhilePropagating,
  pause,
  untilHeard,
  type RetryPolicy
} from '../http/retry.ts'
import { Problem, type FindingFacts } from '../core/finding.ts'

/** The maximum number of writes when each one loses a race. */
const ATTEMPTS = 8

/** Reads before a write counts as having no effect: a replica may still answer with the old state. */
const READS = 3

/**
 * Writes and reads until the state matches the specification. Retries after a lost race, and while an earlier write
 * propagates to other services.
 *
 * @param first the state that was read before
 * @param steps `remaining`: the first thing that still differs; undefined when the state matches
 * @returns the final state. @throws a failure that a retry does not cure.
 */
export async function writeUntilConverged<State>(
  first: State,
  steps: {
    readonly write: (state: State) => Promise<void>
    readonly read: () => Promise<State>
    readonly remaining: (state: State) => FindingFacts | undefined
  },
  policy: RetryPolicy
): Promise<State> {
  let state = first
  let reported: unknown
  const startedAt = Date.now()
  for (let attempts = 1; ; attempts += 1) {
    try {
      await steps.write(state)
      state = await steps.read()
      for (let reads = 1; ; reads += 1) {
        const remaining = steps.remaining(state)
        if (!remaining) return state
        if (reads === READS) throw new Problem(remaining)
        await pause(policy, delayBefore(reads, remaining), new Problem(remaining), {
          triesLeft: READS - reads
        })
        state = await steps.read()
      }
    } catch (error) {
      const kind = classOf(error)
      const retries = kind === 'propagation' || (kind === 'conflict' && attempts < ATTEMPTS)
      if (!retries) throw error
      if (kind === 'propagation')
        await pause(
          untilHeard(policy, startedAt, error),
          delayWhilePropagating(Date.now() - startedAt, error),
          error,
          { reported }
        )
      else
        await pause(policy, delayBefore(attempts, error), error, {
          reported,
          triesLeft: ATTEMPTS - attempts
        })
      reported = error
      state = await steps.read()
      if (!steps.remaining(state)) return state
    }
  }
}
