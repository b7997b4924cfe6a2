/** What a check asks when all is in order: the evidence for Argo CD costs no request then. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { inWaves } from '../../sandbox/waves.ts'

let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest()
})
afterAll(() => world.twin.close())

test('14 requests and 4 sequential round trips at most, logins and proof aside', async () => {
  await world.apply()
  const { result, waves } = await inWaves(
    world.twin.journal,
    ({ plane, path }) => !['entra', 'oidc', 'git'].includes(plane) && !path.endsWith('/token'),
    () => world.check()
  )
  expect(result.outputs.verification).toBe('verified')
  expect(waves.flat().length).toBeLessThanOrEqual(14)
  expect(waves.length).toBeLessThanOrEqual(4)
})
