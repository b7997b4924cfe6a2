/** Rules about `azure`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { azureBusy } from './azure/busy.ts'
import { azureLinkedRightMissing } from './azure/linked-right-missing.ts'
import { azureLocked } from './azure/locked.ts'
import { azurePolicy } from './azure/policy.ts'
import { azureProviderNotRegistered } from './azure/provider-not-registered.ts'
import { azureQuota } from './azure/quota.ts'
import { azureRegionUnsupported } from './azure/region-unsupported.ts'
import { azureResourceGroupUnknown } from './azure/resource-group-unknown.ts'
import { azureRightMissing } from './azure/right-missing.ts'
import { azureSubscriptionOfAnotherTenant } from './azure/subscription-of-another-tenant.ts'
import { azureSubscriptionUnknown } from './azure/subscription-unknown.ts'
import { azureThrottled } from './azure/throttled.ts'

export const AZURE: readonly Rule[] = [
  azureRightMissing,
  azureLinkedRightMissing,
  azurePolicy,
  azureLocked,
  azureResourceGroupUnknown,
  azureProviderNotRegistered,
  azureSubscriptionUnknown,
  azureSubscriptionOfAnotherTenant,
  azureQuota,
  azureThrottled,
  azureBusy,
  azureRegionUnsupported
]
