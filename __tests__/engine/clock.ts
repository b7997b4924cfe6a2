/** The suites of the engine are judged by the jumping clock; whole worlds keep to the real one, since the twin waits as well. */
import { expect } from '@jest/globals'

if (/[\\/]__tests__[\\/]engine[\\/]/.test(expect.getState().testPath ?? ''))
  await import('./jumping-clock.ts')
