/** Writing until what is seen is what was wanted: the one loop around every write. */
import { classOf, delayBefore, delayWhilePropagating, pause, type Patience } from '../http/retry.ts'
import { Problem, type ProblemFacts } from '../core/problem.ts'

/** How often a write that lost a race is done again. */
const ATTEMPTS = 8

/** How often one looks before a write is said to be of no effect: a replica may answer what was before it. */
const LOOKS = 3

/**
 * Writes and looks again; anew after a lost race, or while others have not heard of an earlier write.
 *
 * @param first what was seen before
 * @param open what is still open, judged by what is seen; undefined when all is as wanted
 * @returns what is seen in the end. @throws the failure that trying again does not cure.
 */
export async function written<Seen>(
  first: Seen,
  steps: {
    readonly write: (seen: Seen) => Promise<void>
    readonly observe: () => Promise<Seen>
    readonly open: (seen: Seen) => ProblemFacts | undefined
  },
  patience: Patience
): Promise<Seen> {
  let seen = first
  let told: unknown
  const began = Date.now()
  for (let tried = 1; ; tried += 1) {
    try {
      await steps.write(seen)
      seen = await steps.observe()
      for (let looked = 1; ; looked += 1) {
        const left = steps.open(seen)
        if (!left) return seen
        if (looked === LOOKS) throw new Problem(left)
        await pause(patience, delayBefore(looked, left), new Problem(left))
        seen = await steps.observe()
      }
    } catch (error) {
      const kind = classOf(error)
      const again = kind === 'propagation' || (kind === 'conflict' && tried < ATTEMPTS)
      if (!again) throw error
      const delay =
        kind === 'propagation' ? delayWhilePropagating(Date.now() - began, error) : delayBefore(tried, error)
      await pause(patience, delay, error, told)
      told = error
      seen = await steps.observe()
      if (!steps.open(seen)) return seen
    }
  }
}
