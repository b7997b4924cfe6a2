import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { setTimeout as sleep } from 'node:timers/promises'
import { mapBounded } from '../../src/core/concurrency.ts'

test('in order, all, and never more at once', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(3), { maxLength: 30 }),
      fc.integer({ min: 1, max: 5 }),
      async (waits, most) => {
        let [now, peak] = [0, 0]
        const results = await mapBounded(
          waits,
          async (wait) => {
            now += 1
            peak = Math.max(peak, now)
            await sleep(wait)
            now -= 1
            return wait * 2
          },
          most
        )
        expect(results).toEqual(waits.map((wait) => wait * 2))
        expect(peak).toBeLessThanOrEqual(most)
      }
    ),
    { numRuns: 50 }
  ))

test('after a failure nothing is begun, and what was begun ends first', async () => {
  const begun: number[] = []
  const ended: number[] = []
  const work = async (item: number): Promise<void> => {
    begun.push(item)
    await sleep(item === 1 ? 5 : 40)
    if (item === 1) throw new Error('the first')
    ended.push(item)
  }
  await expect(mapBounded([0, 1, 2, 3, 4, 5], work, 3)).rejects.toThrow('the first')
  expect(begun).toEqual([0, 1, 2])
  expect(ended).toEqual([0, 2])
})
