/**
 * Why Azure DevOps does not add a member. No list of the codes is public: that of another tenant is quoted in issues.
 */
import type { Organization } from './organization.ts'

type Refusal = (organization: Organization) => void

export const ENTITLEMENT_REFUSALS: Readonly<Record<string, Refusal>> = {
  'entitlement-there-already': refusal(5100, 'The service principal is already a member of this account.'),
  'entitlement-no-licence': refusal(
    5030,
    'Unable to assign the license: there are no available Basic licenses in this account.'
  ),
  'entitlement-other-tenant': refusal(
    5102,
    'You are trying to invite a user from outside your directory, but something went wrong.'
  ),
  'entitlement-guests-off': refusal(
    'VS403354',
    'The external guest access policy of this organization does not allow guests to be added.'
  )
}

function refusal(key: string | number, value: string): Refusal {
  return (organization) => {
    organization.entitlementRefusal = [key, value]
  }
}
