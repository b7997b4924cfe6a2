/** Mutation testing of what decides: the engine, the inputs, the diagnosis. `npm run test:mutation`. */
const MUTATED = {
  // The examples are what the tests judge.
  diagnosis: ['src/diagnosis/*.ts', '!src/diagnosis/examples.ts'],
  rules: ['src/diagnosis/rules/**/*.ts'],
  config: ['src/config/*.ts'],
  engine: ['src/engine/*.ts', 'src/commands/*.ts', 'src/chain/permissions.ts', '!src/commands/run.ts'],
  // What puts the hops together can only be judged by whole runs, which take a thousand times as long.
  chain: ['src/chain/graph.ts']
}

export default {
  mutate: MUTATED[process.env.MUTATED],
  testRunner: 'jest',
  plugins: ['@stryker-mutator/*', './scripts/documentation-of-rules.js'],
  ignorers: ['documentation-of-rules'],
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  // Modules of one run are not let go of before the process ends.
  maxTestRunnerReuse: 40,
  jest: { configFile: 'jest.mutation.config.js' },
  coverageAnalysis: 'perTest',
  // What a rule decides is in its functions; outside of them it has its id, its place in the chain and such.
  ignoreStatic: process.env.MUTATED === 'rules',
  concurrency: 2,
  incremental: true,
  incrementalFile: `reports/mutation/${process.env.MUTATED}-incremental.json`,
  tempDirName: `reports/stryker-${process.env.MUTATED}`,
  cleanTempDir: 'always',
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: `reports/mutation/${process.env.MUTATED}.json` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  timeoutMS: 5_000,
  dryRunTimeoutMinutes: 30,
  // Each part has its score over all its files: scripts/mutation-score.ts.
  thresholds: { high: 90, low: 85, break: null },
  ignorePatterns: ['dist', 'docs', 'examples', 'extension', 'coverage']
}
