import base from './jest.config.js'

/**
 * Wide tables: Patless's verdict beside Argo CD's own rules, modes by roles, refusals, many repositories, first minutes;
 * `npm run test:situations`.
 */
export default {
  ...base,
  testMatch: ['**/__tests__/situations/*.situations.ts', '**/__tests__/**/*.matrix.ts'],
  testTimeout: 60_000,
  forceExit: true
}
