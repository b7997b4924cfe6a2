/** `npm run test:e2e`: Patless against the real parts. See README.md in this folder. */
import { runCLI } from 'jest'
import { fileURLToPath } from 'node:url'
import { findParts, findProgram, NoParts, versionsOf } from './parts.ts'

const [, , ...names] = process.argv
const [release, world] = ['<rootDir>/e2e/release.e2e.ts', '<rootDir>/e2e/e2e.ts']
/** `-- release` needs only act; the other parts take long to build. */
const testMatch = names.join() === 'release' ? [release] : [world, release]
const found = testMatch.includes(world)
  ? findParts(process.env).then(versionsOf)
  : findProgram('act', process.env).then((act) => ({ act }))
const versions = await found.catch((error: unknown) => {
  if (!(error instanceof NoParts)) throw error
  process.stdout.write(`The real parts are not here: ${error.message}\n0 run\n`)
})
if (versions) {
  for (const [name, version] of Object.entries(versions)) {
    process.stdout.write(`${name.padEnd(34)} ${version}\n`)
  }
  const rootDir = fileURLToPath(new URL('..', import.meta.url))
  // All cases of a file share one world, because its parts start slowly. Not in jest.config.js, so that `npm test` does
  // not run them.
  const config = JSON.stringify({
    rootDir,
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    testMatch,
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
