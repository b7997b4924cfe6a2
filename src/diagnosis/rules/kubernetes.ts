/** Rules about `kubernetes`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { kubernetesAdmissionRefused } from './kubernetes/admission-refused.ts'
import { kubernetesLoginRefused } from './kubernetes/login-refused.ts'
import { kubernetesNamespaceTerminating } from './kubernetes/namespace-terminating.ts'
import { kubernetesQuota } from './kubernetes/quota.ts'
import { kubernetesRightMissing } from './kubernetes/right-missing.ts'

export const KUBERNETES: readonly Rule[] = [
  kubernetesLoginRefused,
  kubernetesNamespaceTerminating,
  kubernetesQuota,
  kubernetesAdmissionRefused,
  kubernetesRightMissing
]
