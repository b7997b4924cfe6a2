import { faultMatrix } from './matrix.ts'

faultMatrix({ name: 'the second apply', mode: 'apply', built: true, inputs: { verification: 'access' } })
