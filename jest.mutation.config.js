import base from './jest.config.js'

/** What the mutants of a part are held against: the tests that read as its specification. */
const SUITES = {
  diagnosis: ['diagnosis/*'],
  rules: ['diagnosis/*'],
  config: ['config/*'],
  engine: ['engine/*', 'chain/rights'],
  chain: ['chain/*', 'chain/verifications/*', 'installs/installs']
}

const part = process.env.MUTATED

export default {
  ...base,
  // Whole worlds keep to the real clock: the twin waits as well.
  setupFilesAfterEnv: [
    '<rootDir>/__tests__/mutated.ts',
    ...(part === 'engine' ? ['<rootDir>/__tests__/engine/jumping-clock.ts'] : [])
  ],
  testMatch: SUITES[part].map((suite) => `**/__tests__/${suite}.test.ts`)
}
