/**
 * The pace that Azure DevOps wants of one identity (learn.microsoft.com, Azure DevOps: rate and usage limits). Limits
 * count per identity, and Argo CD reads as the same one, so all clients that use an identity share its pace.
 */
import { Inconclusive } from '../core/finding.ts'
import { Cancelled } from './errors.ts'
import { retryAfterOf, type Pace } from './request.ts'
import { wait, type RetryPolicy } from './retry.ts'

/** How long one sign of a limit makes the requests go one after another, in ms. */
const SLOW = 60_000
/** Below this share of the limit, delays begin soon. */
const NEAR = 0.1

/** Azure DevOps wants no request of the identity for longer than this run may wait. */
export class Throttled extends Inconclusive {
  constructor(ms: number) {
    const seconds = Math.ceil(ms / 1000)
    super({
      id: 'azure-devops/throttled',
      summary: `Azure DevOps limits this identity: it wants no request for another ${seconds} s, which is longer than this run may wait.`,
      remedy: `run again after ${seconds} s. Argo CD reads as the same identity: if this happens often, let it refresh less often (timeout.reconciliation, webhooks)`,
      link: 'https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits'
    })
  }
}

export class IdentityPace implements Pace {
  /** ms since the epoch: no request before. */
  #from = 0
  /** ms since the epoch: one request at a time until then. */
  #slowUntil = 0
  #reported = 0
  #running = 0
  readonly #queue: (() => void)[] = []

  /** Learns from an answer, whatever its status: a 200 may have been delayed, and may ask for a wait, too. */
  hear(headers: Pick<Headers, 'get'>, now = Date.now()): void {
    const number = (name: string): number | undefined => {
      const text = headers.get(name)?.trim() ?? ''
      return /^\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined
    }
    const after = retryAfterOf(headers.get('retry-after'), now)
    if (after !== undefined) this.hold(after, now)
    const remaining = number('x-ratelimit-remaining')
    const near = remaining !== undefined && remaining <= (number('x-ratelimit-limit') ?? 0) * NEAR
    if (near || (number('x-ratelimit-delay') ?? 0) > 0) this.#slowUntil = now + SLOW
  }

  /** @param ms without a request, from now on */
  hold(ms: number, now = Date.now()): void {
    this.#from = Math.max(this.#from, now + ms)
    this.#slowUntil = Math.max(this.#slowUntil, this.#from + SLOW)
  }

  /**
   * Does the work when it is its turn.
   *
   * @throws {Throttled} when the wait would end after the deadline; {Cancelled} when the run is being cancelled
   */
  async turn<T>(policy: RetryPolicy, work: () => Promise<T>): Promise<T> {
    while (this.#running > 0 && Date.now() < this.#slowUntil)
      await new Promise<void>((resolve) => this.#queue.push(resolve))
    this.#running += 1
    try {
      await this.#untilAllowed(policy)
      return await work()
    } finally {
      this.#running -= 1
      this.#queue.shift()?.()
    }
  }

  async #untilAllowed(policy: RetryPolicy): Promise<void> {
    for (let now = Date.now(); now < this.#from; now = Date.now()) {
      if (policy.signal.aborted) throw new Cancelled(policy.signal.reason)
      const left = this.#from - now
      if (now + left > policy.deadline) throw new Throttled(left)
      if (this.#reported < this.#from)
        policy.report(`Azure DevOps limits this identity: waiting ${Math.ceil(left / 1000)} s.`)
      this.#reported = this.#from
      await wait(policy, left)
    }
  }
}
