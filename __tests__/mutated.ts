/** For mutants: what fails once has failed; no smaller example is looked for. */
import fc from 'fast-check'

fc.configureGlobal({ endOnFailure: true })
