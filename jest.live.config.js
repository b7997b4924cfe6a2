import base from './jest.config.js'

/** The live suite's own tests that run whole lives: cleaning up, comparing recordings; `npm run test:live:own`. */
export default {
  ...base,
  testMatch: ['**/__tests__/live/*.live.ts'],
  testTimeout: 120_000,
  forceExit: true
}
