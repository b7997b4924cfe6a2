import { faultMatrix } from './matrix.ts'

faultMatrix({ name: 'a remove', mode: 'remove', built: true, inputs: {} })
