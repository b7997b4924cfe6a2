import { faultMatrix } from './matrix.ts'

faultMatrix('the first apply', 'apply', false)
