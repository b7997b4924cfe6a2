import { expect, jest, test, describe } from '@jest/globals'
import { retryAfterOf } from '../../src/http/request.ts'
import {
  classOf,
  delayBefore,
  delayWhilePropagating,
  retry,
  pause,
  untilHeard
} from '../../src/http/retry.ts'
import { Cancelled, HttpProblem, Unreachable } from '../../src/http/errors.ts'

const answer = (
  status: number,
  more: { code?: string; propagating?: boolean | number; retryAfter?: number } = {}
) => new HttpProblem({ service: 'ARM', request: 'GET /x', status, detail: 'text', ...more })
const policy = (
  ms: number,
  report: (text: string) => void = () => undefined,
  signal = new AbortController().signal
) => ({
  deadline: Date.now() + ms,
  report,
  signal
})

describe('four classes of failure', () => {
  test.each([
    [408, 'transient'],
    [429, 'transient'],
    [500, 'transient'],
    [503, 'transient'],
    [409, 'conflict'],
    [412, 'conflict'],
    [400, 'hopeless'],
    [401, 'hopeless'],
    [403, 'hopeless'],
    [404, 'hopeless']
  ])('%i is %s', (status, kind) => {
    expect(classOf(answer(status))).toBe(kind)
  })

  test('no answer is transient, a named code of propagation is propagation, a bug is hopeless', () => {
    expect(classOf(new Unreachable('ARM', 'GET /x', 'h', new Error('ECONNRESET')))).toBe('transient')
    expect(classOf(answer(200, { code: 'VS403283', propagating: true }))).toBe('propagation')
    expect(classOf(new TypeError('x'))).toBe('hopeless')
  })
})

describe('waits', () => {
  test('what the service asks for is obeyed', () => {
    expect(delayBefore(1, answer(429, { retryAfter: 7_000 }))).toBe(7_000)
  })

  test('else exponential with full jitter, bounded', () => {
    const longest = [1, 2, 3, 4, 5, 6, 20].map((attempt) => delayBefore(attempt, answer(500), () => 1))
    expect(longest).toEqual([850, 1650, 3250, 6450, 12850, 15050, 15050])
    expect(delayBefore(20, answer(500), () => 0)).toBe(200)
  })

  test('for another service to hear of a write: a fifth longer than it takes at most, and few looks', () => {
    for (const lag of [500, 2_000, 10_000, 30_000]) {
      let waited = 0
      let looks = 0
      for (; waited < lag; looks += 1) waited += delayWhilePropagating(waited, answer(400))
      expect(waited).toBeLessThan(lag * 1.2 + 150)
      expect(looks).toBeLessThan(40)
    }
    expect(delayWhilePropagating(240_000, answer(400))).toBe(5_000)
    expect(delayWhilePropagating(0, answer(429, { retryAfter: 7_000 }))).toBe(7_000)
  })

  test('Retry-After in seconds and as a date', () => {
    const now = Date.parse('2026-11-23T10:00:00Z')
    expect(retryAfterOf('3', now)).toBe(3_000)
    expect(retryAfterOf('Mon, 23 Nov 2026 10:00:05 GMT', now)).toBe(5_000)
    expect(retryAfterOf('soon', now)).toBeUndefined()
    expect(retryAfterOf(null, now)).toBeUndefined()
  })

  test.each([false, 0] as const)(
    'a busy cluster is waited for as long as the run may last: %s',
    (propagating) => {
      const busy = answer(409, { code: 'OperationNotAllowed', propagating })
      expect(untilHeard(policy(60_000), Date.now() - 50_000, busy).deadline).toBeGreaterThan(
        Date.now() + 50_000
      )
    }
  )

  test('a wait that would end after the deadline is the failure itself', async () => {
    const reason = answer(503, { retryAfter: 60_000 })
    await expect(retry(policy(1_000), () => Promise.reject(reason))).rejects.toBe(reason)
  })

  test('each wait is reported with its reason and the time left', async () => {
    const say = jest.fn<(text: string) => void>()
    await pause(policy(5_000, say), 60, answer(503))
    expect(say).toHaveBeenCalledWith(
      expect.stringMatching(/ARM answered 503 .* Trying again in 0\.1 s, 5\.0 s left/)
    )
  })

  test('a reason that stays the same is reported once', async () => {
    const say = jest.fn<(text: string) => void>()
    const kept = policy(5_000, say)
    const reason = answer(500, { retryAfter: 200 })
    await expect(retry(kept, () => Promise.reject(reason))).rejects.toBe(reason)
    const [first, ...others] = say.mock.calls.map(([text]) => text)
    expect(first).toMatch(/^ARM answered 500/)
    expect(others).toHaveLength(4)
    for (const text of others) expect(text).toMatch(/^Still the same\. Trying again in /)
  })

  test('what ends after a number of tries promises no time', async () => {
    const say = jest.fn<(text: string) => void>()
    const reason = answer(503, { retryAfter: 200 })
    await expect(retry(policy(2_095_000, say), () => Promise.reject(reason))).rejects.toBe(reason)
    const said = say.mock.calls.map(([text]) => text)
    expect(said.join()).not.toMatch(/s left/)
    expect(said.map((text) => /, (.*)\.$/.exec(text)?.[1])).toEqual([
      '5 times at most',
      '4 times at most',
      '3 times at most',
      '2 times at most',
      'for the last time'
    ])
  })

  test('a cancelled run does not wait', async () => {
    const stop = new AbortController()
    stop.abort()
    const waiting = pause(policy(5_000, undefined, stop.signal), 60, answer(503))
    await expect(waiting).rejects.toBeInstanceOf(Cancelled)
  })
})

describe('sending again', () => {
  test('until it succeeds', async () => {
    let tried = 0
    const flaky = (): Promise<string> => {
      tried += 1
      return tried < 3 ? Promise.reject(answer(500, { retryAfter: 200 })) : Promise.resolve('done')
    }
    await expect(retry(policy(5_000), flaky)).resolves.toBe('done')
    expect(tried).toBe(3)
  })

  test('six times at most', async () => {
    let tried = 0
    const broken = (): Promise<never> => {
      tried += 1
      return Promise.reject(answer(500, { retryAfter: 200 }))
    }
    await expect(retry(policy(5_000), broken)).rejects.toMatchObject({ status: 500 })
    expect(tried).toBe(6)
  })

  test.each([400, 403, 404, 409, 412])('%i is not sent again', async (status) => {
    let tried = 0
    const refused = (): Promise<never> => {
      tried += 1
      return Promise.reject(answer(status))
    }
    await expect(retry(policy(5_000), refused)).rejects.toMatchObject({ status })
    expect(tried).toBe(1)
  })
})
