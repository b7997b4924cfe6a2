import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

// The bundle is started hundreds of times.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url))

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/__tests__/**/*.test.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/strip-types.js' },
  testTimeout: 60_000,
  testSequencer: '<rootDir>/__tests__/longest-first.js',
  globalSetup: '<rootDir>/__tests__/made-once.js',
  globalTeardown: '<rootDir>/__tests__/forget-once.js',
  setupFilesAfterEnv: ['no-leaks', 'seed', 'engine/clock'].map((file) => `<rootDir>/__tests__/${file}.ts`),
  // Where mutation testing keeps its copies.
  modulePathIgnorePatterns: ['<rootDir>/reports/'],
  // Two more than there are cores: the suites wait, for programs and for timers.
  maxWorkers: availableParallelism() + 2,
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts']
}
