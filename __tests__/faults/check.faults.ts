import { faultMatrix } from './matrix.ts'

faultMatrix({ name: 'a check', mode: 'check', built: true, inputs: {} })
