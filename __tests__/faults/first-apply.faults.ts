import { faultMatrix } from './matrix.ts'

// The proof through Argo CD comes last, and has a matrix of its own.
faultMatrix({ name: 'the first apply', mode: 'apply', built: false, inputs: { verification: 'access' } })
