/** Writing until what is read is what was specified: the one loop around every write. */
import {
  classOf,
  delayBefore,
  delayWhilePropagating,
  pause,
  untilHeard,
  type RetryPolicy
} from '../http/retry.ts'
import { Problem, type FindingFacts } from '../core/finding.ts'

/** How often a write that lost a race is done again. */
const ATTEMPTS = 8

/** How often one looks before a write is said to be of no effect: a replica may answer what was before it. */
const LOOKS = 3

/**
 * Writes and reads again; anew after a lost race, or while others have not heard of an earlier write.
 *
 * @param first what was read before
 * @param open what is still open, judged by what is read; undefined when all is as specified
 * @returns what is read in the end. @throws the failure that trying again does not cure.
 */
export async function writeUntilConverged<State>(
  first: State,
  steps: {
    readonly write: (state: State) => Promise<void>
    readonly read: () => Promise<State>
    readonly open: (state: State) => FindingFacts | undefined
  },
  policy: RetryPolicy
): Promise<State> {
  let state = first
  let reported: unknown
  const began = Date.now()
  for (let tried = 1; ; tried += 1) {
    try {
      await steps.write(state)
      state = await steps.read()
      for (let looked = 1; ; looked += 1) {
        const left = steps.open(state)
        if (!left) return state
        if (looked === LOOKS) throw new Problem(left)
        await pause(policy, delayBefore(looked, left), new Problem(left), { triesLeft: LOOKS - looked })
        state = await steps.read()
      }
    } catch (error) {
      const kind = classOf(error)
      const again = kind === 'propagation' || (kind === 'conflict' && tried < ATTEMPTS)
      if (!again) throw error
      const told = { told: reported }
      if (kind === 'propagation')
        await pause(
          untilHeard(policy, began, error),
          delayWhilePropagating(Date.now() - began, error),
          error,
          told
        )
      else await pause(policy, delayBefore(tried, error), error, { ...told, triesLeft: ATTEMPTS - tried })
      reported = error
      state = await steps.read()
      if (!steps.open(state)) return state
    }
  }
}
