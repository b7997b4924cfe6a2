import base from './jest.config.js'

/** The committed bundle as a child process, as each host starts it; `npm run test:bundle`. */
export default {
  ...base,
  testMatch: ['**/__tests__/bundle/*.bundle.ts']
}
