/** Rules about `identity`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { identityRecreated } from './identity/recreated.ts'

export const IDENTITY: readonly Rule[] = [identityRecreated]
