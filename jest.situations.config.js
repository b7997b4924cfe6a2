import base from './jest.config.js'

/** Patless's word beside Argo CD's own rules, situation by situation; `npm run test:situations`. */
export default {
  ...base,
  testMatch: ['**/__tests__/situations/*.situations.ts'],
  testTimeout: 60_000,
  forceExit: true
}
