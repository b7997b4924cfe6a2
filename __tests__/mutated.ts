/** For mutants: what fails once has failed; no smaller example is looked for. */
import fc from 'fast-check'

fc.configureGlobal({ endOnFailure: true })

// Rules are loaded by the first failure. Here it must not look as if the test that comes first decided about all of them.
if (process.env['MUTATED'] === 'rules') await import('../src/diagnosis/judge.ts')
