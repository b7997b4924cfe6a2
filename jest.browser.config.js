import base from './jest.config.js'

/** The HTML page in a real browser; `npm run test:browser`. Without Chromium its tests are skipped. */
export default {
  ...base,
  testMatch: ['**/__tests__/browser/*.browser.ts'],
  testTimeout: 60_000,
  maxWorkers: 1
}
