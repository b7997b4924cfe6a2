/** What a check asks when all is in order: the evidence for Argo CD costs no request then. */
import { expect, test } from '@jest/globals'
import { inWaves } from '../../sandbox/waves.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ shared: true })

test('14 requests and 4 sequential round trips at most, logins and proof aside', async () => {
  await world.apply()
  const { result, waves } = await inWaves(
    world.twin.journal,
    ({ service, path }) => !['entra', 'oidc', 'git'].includes(service) && !path.endsWith('/token'),
    () => world.check()
  )
  expect(result.outputs.verification).toBe('verified')
  expect(waves.flat().length).toBeLessThanOrEqual(14)
  expect(waves.length).toBeLessThanOrEqual(4)
})
