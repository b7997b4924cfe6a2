/** Rules about `network`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { networkAzureDevopsBlocked } from './network/azure-devops-blocked.ts'
import { networkEgressDenied } from './network/egress-denied.ts'
import { networkEntraBlocked } from './network/entra-blocked.ts'
import { networkProxyOnlyInSecret } from './network/proxy-only-in-secret.ts'

export const NETWORK: readonly Rule[] = [
  networkEgressDenied,
  networkEntraBlocked,
  networkAzureDevopsBlocked,
  networkProxyOnlyInSecret
]
