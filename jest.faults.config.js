import base from './jest.config.js'

/** The matrices: what happens on bad days. Minutes, not seconds; `npm run test:faults`. */
export default {
  ...base,
  testMatch: ['**/__tests__/faults/*.faults.ts'],
  testTimeout: 600_000,
  // Most of the time the worlds wait: for what hangs, and for each other.
  maxWorkers: 5,
  // Requests that were left hanging hold their sockets for a while.
  forceExit: true
}
