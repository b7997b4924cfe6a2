import base from './jest.config.js'

/** What mutants are held against: the tests that are quick, and those that read as the specification of the engine. */
export default {
  ...base,
  testMatch: [
    '**/__tests__/{inputs,diagnosis,resources}/**/*.test.ts',
    '**/__tests__/clients/retries.test.ts',
    '**/__tests__/reconcile/**/*.test.ts'
  ]
}
