import { faultMatrix } from './matrix.ts'

faultMatrix('a remove', 'remove', true)
