import { faultMatrix } from './matrix.ts'

faultMatrix('the second apply', 'apply', true)
