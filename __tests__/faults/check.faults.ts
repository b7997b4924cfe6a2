import { faultMatrix } from './matrix.ts'

faultMatrix('a check', 'check', true)
