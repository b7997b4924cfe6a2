/** The one set-up of a suite that runs the tool against the twin in one process. See twin.ts for the twin alone. */
import { beforeEach } from '@jest/globals'
import { startWorldUnderTest, type WorldUnderTest } from '../sandbox/in-process.ts'
import { using, type Use } from './twin.ts'

/**
 * The twin with the source of the tool in this process.
 *
 * @param timeout ms that one request may take
 */
export function useWorld({ shared = false, timeout }: Use & { timeout?: number } = {}): WorldUnderTest {
  const world = using(
    () => startWorldUnderTest(undefined, timeout),
    ({ twin }) => twin.close()
  )
  if (!shared) {
    beforeEach(() => {
      world.twin.reset()
    })
  }
  return world
}
