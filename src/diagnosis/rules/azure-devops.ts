/** Rules about `azure-devops`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { azureDevopsConditionalAccess } from './azure-devops/conditional-access.ts'
import { azureDevopsForbidden } from './azure-devops/forbidden.ts'
import { azureDevopsGitThrottled } from './azure-devops/git-throttled.ts'
import { azureDevopsGuestsRefused } from './azure-devops/guests-refused.ts'
import { azureDevopsIdentityNotKnownYet } from './azure-devops/identity-not-known-yet.ts'
import { azureDevopsLicenceMissing } from './azure-devops/licence-missing.ts'
import { azureDevopsLoginRefused } from './azure-devops/login-refused.ts'
import { azureDevopsMemberNotAdded } from './azure-devops/member-not-added.ts'
import { azureDevopsMemberNotListed } from './azure-devops/member-not-listed.ts'
import { azureDevopsNetworkRefused } from './azure-devops/network-refused.ts'
import { azureDevopsNotAMember } from './azure-devops/not-a-member.ts'
import { azureDevopsObjectIdUnknown } from './azure-devops/object-id-unknown.ts'
import { azureDevopsOrganizationUnknown } from './azure-devops/organization-unknown.ts'
import { azureDevopsReadNotGranted } from './azure-devops/read-not-granted.ts'
import { azureDevopsRepositoryDisabled } from './azure-devops/repository-disabled.ts'
import { azureDevopsRepositoryNotShown } from './azure-devops/repository-not-shown.ts'
import { azureDevopsRightMissing } from './azure-devops/right-missing.ts'
import { azureDevopsSignInPage } from './azure-devops/sign-in-page.ts'
import { azureDevopsTenantDiffers } from './azure-devops/tenant-differs.ts'
import { azureDevopsThrottled } from './azure-devops/throttled.ts'
import { azureDevopsTokenRefused } from './azure-devops/token-refused.ts'

export const AZURE_DEVOPS: readonly Rule[] = [
  azureDevopsThrottled,
  azureDevopsConditionalAccess,
  azureDevopsIdentityNotKnownYet,
  azureDevopsLoginRefused,
  azureDevopsOrganizationUnknown,
  azureDevopsMemberNotListed,
  azureDevopsLicenceMissing,
  azureDevopsGuestsRefused,
  azureDevopsObjectIdUnknown,
  azureDevopsTenantDiffers,
  azureDevopsRightMissing,
  azureDevopsMemberNotAdded,
  azureDevopsRepositoryDisabled,
  azureDevopsNotAMember,
  azureDevopsReadNotGranted,
  azureDevopsNetworkRefused,
  azureDevopsGitThrottled,
  azureDevopsRepositoryNotShown,
  azureDevopsForbidden,
  azureDevopsTokenRefused,
  azureDevopsSignInPage
]
