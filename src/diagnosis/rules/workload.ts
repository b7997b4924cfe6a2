/** Rules about `workload`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { workloadClientSecretWins } from './workload/client-secret-wins.ts'
import { workloadNoIdentity } from './workload/no-identity.ts'

export const WORKLOAD: readonly Rule[] = [workloadClientSecretWins, workloadNoIdentity]
