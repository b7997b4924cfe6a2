import base from './jest.config.js'

/** What the mutants of a part are held against: the tests that read as its specification. */
const SUITES = {
  diagnosis: ['diagnosis/*', 'resources/pure'],
  inputs: ['inputs/*'],
  reconcile: ['reconcile/{engine,removal,rights,judged}'],
  chain: ['reconcile/chain']
}

export default {
  ...base,
  setupFilesAfterEnv: ['<rootDir>/__tests__/mutated.ts'],
  testMatch: SUITES[process.env.MUTATED].map((suite) => `**/__tests__/${suite}.test.ts`)
}
