/**
 * Rate limits of Azure DevOps (learn.microsoft.com, rate and usage limits): they count per identity, over REST and git
 * and all organizations. Near the limit a request is delayed, and says so with a 200; beyond it is blocked.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Handler } from '../wire.ts'

export interface Limit {
  /** Object id. */
  readonly principalId: string
  /** Requests in a window before the first is delayed. */
  readonly free: number
  /** After those, requests in a window before the first is blocked. */
  readonly delayed: number
  /** ms */
  readonly window: number
  /** Of a delayed request, in ms. */
  readonly delay: number
}

export class Limits {
  readonly #limits = new Map<string, Limit & { started: number; used: number }>()
  /** How many requests were blocked so far. */
  blocked = 0

  set(limit: Limit): void {
    this.#limits.set(limit.principalId, { ...limit, started: 0, used: 0 })
  }

  clear(): void {
    this.#limits.clear()
    this.blocked = 0
  }

  /** Answers as the handler does, or refuses, with the headers of the limit. */
  async through(
    principalId: string,
    answer: () => ReturnType<Handler>
  ): Promise<Awaited<ReturnType<Handler>>> {
    const limit = this.#limits.get(principalId)
    if (!limit) return answer()
    const now = Date.now()
    if (now >= limit.started + limit.window) Object.assign(limit, { started: now, used: 0 })
    limit.used += 1
    const left = Math.ceil((limit.started + limit.window - now) / 1000)
    const headers: Record<string, string> = {
      'x-ratelimit-resource': 'Concurrency',
      'x-ratelimit-limit': String(limit.free),
      'x-ratelimit-remaining': String(Math.max(0, limit.free - limit.used)),
      'x-ratelimit-reset': String(Math.ceil((limit.started + limit.window) / 1000))
    }
    if (limit.used <= limit.free) return withHeaders(await answer(), headers)
    if (limit.used <= limit.free + limit.delayed) {
      await sleep(limit.delay)
      const told = {
        ...headers,
        'x-ratelimit-delay': (limit.delay / 1000).toFixed(3),
        'retry-after': String(left)
      }
      return withHeaders(await answer(), told)
    }
    this.blocked += 1
    return {
      status: 429,
      headers: {
        ...headers,
        'retry-after': String(left),
        'x-ratelimit-delay': '0',
        'content-type': 'text/plain; charset=utf-8'
      },
      body: 'TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource Concurrency in namespace User.'
    }
  }
}

function withHeaders(
  answer: Awaited<ReturnType<Handler>>,
  headers: Readonly<Record<string, string>>
): Awaited<ReturnType<Handler>> {
  return typeof answer === 'symbol'
    ? answer
    : ({ ...answer, headers: { ...headers, ...answer.headers } } satisfies Answer)
}
