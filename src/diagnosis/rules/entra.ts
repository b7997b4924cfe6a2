/** Rules about `entra`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { entraAssertionMalformed } from './entra/assertion-malformed.ts'
import { entraAssignmentRequired } from './entra/assignment-required.ts'
import { entraAudienceDiffers } from './entra/audience-differs.ts'
import { entraCaseDiffers } from './entra/case-differs.ts'
import { entraClockSkew } from './entra/clock-skew.ts'
import { entraConditionalAccess } from './entra/conditional-access.ts'
import { entraDiscoveryUnreadable } from './entra/discovery-unreadable.ts'
import { entraIdentityDisabled } from './entra/identity-disabled.ts'
import { entraIdentityUnknown } from './entra/identity-unknown.ts'
import { entraIssuerUnknown } from './entra/issuer-unknown.ts'
import { entraKeyUnknown } from './entra/key-unknown.ts'
import { entraNoCredential } from './entra/no-credential.ts'
import { entraPropagating } from './entra/propagating.ts'
import { entraRefused } from './entra/refused.ts'
import { entraResourceUnknown } from './entra/resource-unknown.ts'
import { entraSecretRefused } from './entra/secret-refused.ts'
import { entraSubjectUnknown } from './entra/subject-unknown.ts'
import { entraTenantUnknown } from './entra/tenant-unknown.ts'
import { entraTokenLifetime } from './entra/token-lifetime.ts'
import { entraUnavailable } from './entra/unavailable.ts'

export const ENTRA: readonly Rule[] = [
  entraIssuerUnknown,
  entraNoCredential,
  entraSubjectUnknown,
  entraCaseDiffers,
  entraAudienceDiffers,
  entraDiscoveryUnreadable,
  entraKeyUnknown,
  entraIdentityUnknown,
  entraIdentityDisabled,
  entraTokenLifetime,
  entraConditionalAccess,
  entraAssignmentRequired,
  entraResourceUnknown,
  entraTenantUnknown,
  entraSecretRefused,
  entraAssertionMalformed,
  entraUnavailable,
  entraRefused,
  entraPropagating,
  entraClockSkew
]
