import base from './jest.config.js'

/** The release, rehearsed: what is packed is installed and run, and what must not be released is not. */
export default {
  ...base,
  testMatch: ['**/__tests__/release/*.release.ts'],
  // A test may build the bundle, or install a Node.
  testTimeout: 180_000
}
