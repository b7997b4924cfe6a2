import { faultMatrix } from './matrix.ts'

// Without a recorded verification by Argo CD, a check that asks for one is inconclusive on a good day, too.
faultMatrix({ name: 'a check', mode: 'check', built: true, inputs: { verification: 'access' } })
