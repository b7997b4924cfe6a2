/** `npm run test:clients`: checks the twin and the bundle with public clients. See README.md in this folder. */
import { runCLI } from 'jest'
import { fileURLToPath } from 'node:url'
import { has } from '../sandbox/by-hand.ts'
import { findClients } from './parts.ts'

const { go, python, versions } = await findClients(process.env)
for (const [name, version] of Object.entries(versions)) {
  process.stdout.write(`${name.padEnd(34)} ${version}\n`)
}
const byHand = has('az') && has('kubectl')
const lacking = [
  ...(byHand ? [] : ['az and kubectl: they are not both on PATH']),
  ...(go === undefined ? ['azure-devops-go-api: there is no Go'] : []),
  ...(python === undefined ? ['the Python clients: there is no Python 3.10 or newer with venv'] : [])
]
for (const one of lacking) {
  process.stdout.write(`\n!!! NOT JUDGED by ${one}. Its cases were skipped.\n`)
  if (process.env['GITHUB_ACTIONS'] === 'true')
    process.stdout.write(`::warning title=Judges skipped::${one}\n`)
}
if (go === undefined && python === undefined && !byHand) process.stdout.write('0 run\n')
else {
  const [, , ...names] = process.argv
  const rootDir = fileURLToPath(new URL('..', import.meta.url))
  // Not in jest.config.js, so that `npm test` does not run them.
  const config = JSON.stringify({
    rootDir,
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    testMatch: ['<rootDir>/clients/*cases.ts'],
    transform: { '\\.ts$': '<rootDir>/scripts/strip-types.js' },
    testTimeout: 60_000
  })
  const only = names.length === 0 ? {} : { testNamePattern: names.join('|') }
  const { results } = await runCLI({ _: [], $0: 'jest', config, runInBand: true, verbose: true, ...only }, [
    '.'
  ])
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = results
  process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`)
  process.exitCode = results.success && numFailedTestSuites === 0 && numPassedTests > 0 ? 0 : 1
}
