/**
 * Properties try the same inputs all day, on every machine, and others tomorrow (UTC): a change that was green on a desk
 * is green in CI, and what fails can be run again. FUZZ_SEED asks for others.
 */
import { readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { SEED } from './today.ts'

// Loading it takes a while, and most suites have no property.
if (readFileSync(expect.getState().testPath ?? '', 'utf8').search(/fast-check|hostile-text/) >= 0) {
  const { default: fc } = await import('fast-check')
  fc.configureGlobal({ seed: SEED })
}
