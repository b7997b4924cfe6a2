/**
 * Whether and when to try again: the one place. Four classes of failure:
 *
 * - transient: the network, 408, 429 and 5xx. The request is sent again, here (`patiently`).
 * - conflict: somebody else writes. The engine reads again and decides anew.
 * - propagation: another service does not know of a write yet. The engine or the proof asks again within its budget.
 * - hopeless: everything else. At once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Cancelled, HttpProblem, Unreachable } from './errors.ts'

export type FailureClass = 'transient' | 'conflict' | 'propagation' | 'hopeless'

/** What a wait needs to know: until when, and whom to tell. */
export interface RetryPolicy {
  /** ms since the epoch; nothing waits beyond it. */
  readonly deadline: number
  /** Told before each wait: reason and time left. */
  readonly report: (text: string) => void
  readonly signal: AbortSignal
}

/** Of a whole run. */
export interface RunRetryPolicy extends RetryPolicy {
  /** How long, in ms, another service may take to hear of a write. */
  readonly budget: number
}

/**
 * Until when it is worth to wait for what another service answers after a write, as its deadline.
 *
 * @param began ms since the epoch
 */
export function untilHeard(policy: RetryPolicy, began: number, error: unknown): RetryPolicy {
  const lasts = error instanceof HttpProblem ? error.lasts : Infinity
  return { ...policy, deadline: Math.min(policy.deadline, began + lasts) }
}

const ATTEMPTS = 6
/** The floor under every wait before another try, in ms: nobody's answer makes this tool hammer a service. */
const SHORTEST_WAIT = 200
const FIRST_WAIT = 400
const LONGEST_WAIT = 15_000
const LONGEST_LOOK = 5_000

/** Refusals with the status of a conflict that nobody's next write resolves (Azure Resource Manager). */
const FINAL = new Set([
  'ScopeLocked',
  'MissingSubscriptionRegistration',
  'ReadOnlyDisabledSubscription',
  'ResourceGroupBeingDeleted',
  'InvalidResourceLocation'
])

export function classOf(error: unknown): FailureClass {
  if (error instanceof Unreachable) return error.untrusted ? 'hopeless' : 'transient'
  if (!(error instanceof HttpProblem)) return 'hopeless'
  // A busy cluster is waited for as long as the run may last, not for a number of attempts.
  if (error.propagating || error.code === 'OperationNotAllowed') return 'propagation'
  if (FINAL.has(error.code ?? '')) return 'hopeless'
  if (error.status === 409 || error.status === 412) return 'conflict'
  return error.status === 408 || error.status === 429 || error.status >= 500 ? 'transient' : 'hopeless'
}

/** The wait before the next try, in ms: what the service asked for, else exponential with full jitter. */
export function delayBefore(attempt: number, error: unknown, random: () => number = Math.random): number {
  const spread = random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt)
  return askedBy(error) ?? Math.max(SHORTEST_WAIT, Math.round(spread) + 50)
}

/** What the service asked for, in ms. Below the floor it asked for nothing: no time, a negative one, a date gone by. */
function askedBy(error: unknown): number | undefined {
  const asked = error instanceof HttpProblem ? (error.retryAfter ?? 0) : 0
  return asked >= SHORTEST_WAIT ? asked : undefined
}

/**
 * The wait before the next look whether another service has heard of a write, in ms: a share of what was waited
 * already, so that nobody waits much longer than the service takes, be it a second or some minutes.
 */
export function delayWhilePropagating(waited: number, error: unknown): number {
  return askedBy(error) ?? Math.round(Math.min(LONGEST_LOOK, Math.max(SHORTEST_WAIT, waited * 0.15)))
}

/**
 * For loops whose every turn succeeds, so that no wait ever looks at the clock: the pages of a list.
 *
 * @throws what `late` makes once the deadline has passed; {Cancelled} when the run is being stopped.
 */
export function assertTimeLeft({ deadline, signal }: RetryPolicy, late: () => Error): void {
  if (signal.aborted) throw new Cancelled(signal.reason)
  if (Date.now() >= deadline) throw late()
}

/**
 * Sends until it succeeds, meets a failure that is not transient, or runs out of attempts or time.
 *
 * @throws the last failure, unchanged; {Cancelled} when the run is being stopped.
 */
export async function retry<T>(policy: RetryPolicy, attempt: () => Promise<T>): Promise<T> {
  let told: unknown
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (policy.signal.aborted) throw new Cancelled(error)
      if (classOf(error) !== 'transient' || tried >= ATTEMPTS) throw error
      await pause(policy, delayBefore(tried, error), error, { told, triesLeft: ATTEMPTS - tried })
      told = error
    }
  }
}

/**
 * Waits, and says so first.
 *
 * @param known `told`: the reason that was told last: the same one is not told again, only that the wait goes on.
 *   `triesLeft`: how many, where that is what ends it; absent: only the deadline does.
 * @throws the reason itself when the wait would end after the deadline; {Cancelled} when the run is being stopped.
 */
export async function pause(
  policy: RetryPolicy,
  ms: number,
  reason: unknown,
  { told, triesLeft }: { readonly told?: unknown; readonly triesLeft?: number } = {}
): Promise<void> {
  const left = policy.deadline - Date.now()
  if (ms >= left && !policy.signal.aborted) throw reason
  const textOf = (one: unknown): string => (one instanceof Error ? one.message : String(one))
  const why = textOf(reason) === textOf(told) ? 'Still the same.' : textOf(reason)
  // The time of the whole run is no promise where the tries end sooner.
  const end =
    triesLeft === undefined
      ? `${seconds(left)} left`
      : triesLeft === 1
        ? 'for the last time'
        : `${triesLeft} times at most`
  if (!policy.signal.aborted) policy.report(`${why} Trying again in ${seconds(ms)}, ${end}.`)
  await wait(policy, ms)
}

/** @throws {Cancelled} when the run is being stopped. */
export async function wait({ signal }: Pick<RetryPolicy, 'signal'>, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    throw new Cancelled(error)
  })
}

/**
 * Looks again and again, soon at first, until there is something to see.
 *
 * @param what is waited for, told once
 * @param look undefined: not yet
 * @throws what `late` makes, when the deadline passes; {Cancelled} when the run is being stopped.
 */
export async function waitFor<T>(
  { deadline, report, signal }: RetryPolicy,
  what: string,
  late: () => Error,
  look: () => Promise<T | undefined>
): Promise<T> {
  for (let pace = 50, reported = false; ; pace = Math.min(pace * 1.5, LONGEST_PACE)) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (Date.now() + pace >= deadline) throw late()
    if (!reported) report(what)
    reported = true
    await wait({ signal }, pace)
  }
}

const LONGEST_PACE = 2_000

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}
