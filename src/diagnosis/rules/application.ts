/** Rules about `application`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { applicationGeneratorWithoutIdentity } from './application/generator-without-identity.ts'
import { applicationUnwatchedNamespace } from './application/unwatched-namespace.ts'

export const APPLICATION: readonly Rule[] = [
  applicationUnwatchedNamespace,
  applicationGeneratorWithoutIdentity
]
