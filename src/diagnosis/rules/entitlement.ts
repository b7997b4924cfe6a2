/** Rules about `entitlement`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { entitlementInactive } from './entitlement/inactive.ts'
import { entitlementNotAMember } from './entitlement/not-a-member.ts'
import { entitlementOtherTenant } from './entitlement/other-tenant.ts'
import { entitlementStakeholder } from './entitlement/stakeholder.ts'

export const ENTITLEMENT: readonly Rule[] = [
  entitlementOtherTenant,
  entitlementNotAMember,
  entitlementStakeholder,
  entitlementInactive
]
