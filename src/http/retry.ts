/**
 * The only place that decides whether and when to try again. There are four classes of failure:
 *
 * - transient: the network, 408, 429 and 5xx. `retry` sends the request again.
 * - conflict: somebody else writes at the same time. The engine reads again and decides again.
 * - propagation: a write has not reached another service yet. The engine or the verification asks again within its budget.
 * - hopeless: everything else. It fails at once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Cancelled, HttpProblem, Unreachable } from './errors.ts'

export type FailureClass = 'transient' | 'conflict' | 'propagation' | 'hopeless'

/** How long to wait, and how to report it. */
export interface RetryPolicy {
  /** ms since the epoch; no wait goes beyond it. */
  readonly deadline: number
  /** Called before each wait, with the reason and the time left. */
  readonly report: (text: string) => void
  readonly signal: AbortSignal
}

/** The policy of a whole run. */
export interface RunRetryPolicy extends RetryPolicy {
  /** How long a write may take to propagate to another service, in ms. */
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
/** The minimum wait before a retry, in ms, so that no answer can make Patless hammer a service. */
const SHORTEST_WAIT = 200
const FIRST_WAIT = 400
const LONGEST_WAIT = 15_000
/** Between two reads while a write propagates, in ms. */
const LONGEST_PROPAGATION_WAIT = 5_000

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
  // A busy cluster may take until the deadline of the run, so the number of attempts does not count.
  if (error.propagating || error.code === 'OperationNotAllowed') return 'propagation'
  if (FINAL.has(error.code ?? '')) return 'hopeless'
  if (error.status === 409 || error.status === 412) return 'conflict'
  return error.status === 408 || error.status === 429 || error.status >= 500 ? 'transient' : 'hopeless'
}

/** The wait before the next attempt, in ms: as the service requested, else exponential with full jitter. */
export function delayBefore(attempt: number, error: unknown, random: () => number = Math.random): number {
  const spread = random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt)
  return requestedDelay(error) ?? Math.max(SHORTEST_WAIT, Math.round(spread) + 50)
}

/** The wait that the service requested, in ms. Shorter than the minimum (zero, negative, a past date) counts as none. */
function requestedDelay(error: unknown): number | undefined {
  const requested = error instanceof HttpProblem ? (error.retryAfter ?? 0) : 0
  return requested >= SHORTEST_WAIT ? requested : undefined
}

/**
 * The wait before checking again whether a write has propagated, in ms: a share of the time waited so far, so that the
 * total is never much longer than the service needs, be it a second or some minutes.
 */
export function delayWhilePropagating(waited: number, error: unknown): number {
  const share = Math.max(SHORTEST_WAIT, waited * 0.15)
  return requestedDelay(error) ?? Math.round(Math.min(LONGEST_PROPAGATION_WAIT, share))
}

/**
 * For loops in which every request succeeds, such as the pages of a list: no wait would ever check the deadline there.
 *
 * @throws the error of `late` once the deadline has passed; {Cancelled} when the run is being cancelled.
 */
export function assertTimeLeft({ deadline, signal }: RetryPolicy, late: () => Error): void {
  if (signal.aborted) throw new Cancelled(signal.reason)
  if (Date.now() >= deadline) throw late()
}

/**
 * Tries until it succeeds, fails for a reason that is not transient, or runs out of attempts or time.
 *
 * @throws the last failure, unchanged; {Cancelled} when the run is being cancelled.
 */
export async function retry<T>(policy: RetryPolicy, attempt: () => Promise<T>): Promise<T> {
  let reported: unknown
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (policy.signal.aborted) throw new Cancelled(error)
      if (classOf(error) !== 'transient' || attempts >= ATTEMPTS) throw error
      await pause(policy, delayBefore(attempts, error), error, {
        reported,
        triesLeft: ATTEMPTS - attempts
      })
      reported = error
    }
  }
}

/**
 * Reports the reason, then waits.
 *
 * @param known `reported`: the reason that was reported last; an unchanged reason is not repeated. `triesLeft`: how
 *   many, where that is what ends it; absent: only the deadline does.
 * @throws the reason itself when the wait would end after the deadline; {Cancelled} when the run is being cancelled.
 */
export async function pause(
  policy: RetryPolicy,
  ms: number,
  reason: unknown,
  { reported, triesLeft }: { readonly reported?: unknown; readonly triesLeft?: number } = {}
): Promise<void> {
  const left = policy.deadline - Date.now()
  if (ms >= left && !policy.signal.aborted) throw reason
  const textOf = (one: unknown): string => (one instanceof Error ? one.message : String(one))
  const why = textOf(reason) === textOf(reported) ? 'Still the same.' : textOf(reason)
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

/** @throws {Cancelled} when the run is being cancelled. */
export async function wait({ signal }: Pick<RetryPolicy, 'signal'>, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    throw new Cancelled(error)
  })
}

/**
 * Polls until there is a value, at first in short intervals.
 *
 * @param what says what the run is waiting for; reported once, if the first call finds no value
 * @param look returns undefined while there is no value yet
 * @throws the error of `late` when the deadline passes; {Cancelled} when the run is being cancelled.
 */
export async function waitFor<T>(
  { deadline, report, signal }: RetryPolicy,
  what: string,
  late: () => Error,
  look: () => Promise<T | undefined>
): Promise<T> {
  for (let pace = 50, reported = false; ; pace = Math.min(pace * 1.5, LONGEST_PACE)) {
    const value = await look()
    if (value !== undefined) return value
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
