/** `npm run test:e2e`: Patless against the real parts. See README.md beside this file. */
import { runCLI } from 'jest'
import { fileURLToPath } from 'node:url'
import { findParts, NoParts, versionsOf } from './parts.ts'

const parts = await findParts(process.env).catch((error: unknown) => {
  if (!(error instanceof NoParts)) throw error
  process.stdout.write(`The real parts are not here: ${error.message}\n0 run\n`)
})
if (parts) {
  for (const [name, version] of Object.entries(await versionsOf(parts))) {
    process.stdout.write(`${name.padEnd(34)} ${version}\n`)
  }
  const [, , ...names] = process.argv
  const rootDir = fileURLToPath(new URL('..', import.meta.url))
  // One file, one world: its parts take a while to come up. The other one needs only act. Not in jest.config.js: `npm test` knows nothing of it.
  const config = JSON.stringify({
    rootDir,
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    testMatch: ['<rootDir>/e2e/e2e.ts', '<rootDir>/e2e/release.e2e.ts'],
    transform: { '\\.ts$': '<rootDir>/scripts/strip-types.js' },
    testTimeout: 180_000
  })
  const only = names.length === 0 ? {} : { testNamePattern: names.join('|') }
  const { results } = await runCLI({ _: [], $0: 'jest', config, runInBand: true, verbose: true, ...only }, [
    '.'
  ])
  const { numPassedTests, numFailedTests, numFailedTestSuites } = results
  process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed\n`)
  process.exitCode = results.success && numFailedTestSuites === 0 && numPassedTests > 0 ? 0 : 1
}
