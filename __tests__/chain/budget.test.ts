/** What a check asks when all is in order: the evidence for Argo CD costs no request then. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { depthOf } from '../../bench/depth.ts'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'

let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest()
})
afterAll(() => world.twin.close())

test('14 requests and 4 sequential round trips at most, logins and proof aside', async () => {
  await world.apply()
  world.twin.journal.latency = 100
  world.twin.journal.clear()
  expect((await world.check()).outputs.verification).toBe('verified')
  const asked = world.twin.journal.entries.filter(
    ({ service, path }) => !['entra', 'oidc', 'git'].includes(service) && !path.endsWith('/token')
  )
  expect(asked.length).toBeLessThanOrEqual(14)
  expect(depthOf(asked)).toBeLessThanOrEqual(4)
})
