/** Waits take no time, the clock jumps: the same waits on every machine, and a mutant is judged in milliseconds. */
import { jest } from '@jest/globals'

/** What was waited for, in ms. */
export const waits: number[] = []
let ahead = 0
for (const clock of [Date, performance]) {
  const real = clock.now.bind(clock)
  clock.now = () => real() + ahead
}
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: async (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) => {
    signal?.throwIfAborted()
    waits.push(ms)
    const end = Date.now() + ms
    await new Promise((resolve) => setImmediate(resolve))
    ahead += Math.max(0, end - Date.now())
    return value
  }
}))
