import base from './jest.config.js'

/** What a label, a file of the workspace or a foreign server may try; `npm run test:hostile`. */
export default {
  ...base,
  testMatch: ['**/__tests__/hostile/*.hostile.ts'],
  testTimeout: 120_000,
  forceExit: true,
  reporters: ['default', '<rootDir>/__tests__/hostile/counts.js']
}
