/** Rules about `federated-credential`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { federatedCredentialAudienceDiffers } from './federated-credential/audience-differs.ts'
import { federatedCredentialCaseDiffers } from './federated-credential/case-differs.ts'
import { federatedCredentialIssuerOfAnotherCluster } from './federated-credential/issuer-of-another-cluster.ts'
import { federatedCredentialIssuerSlash } from './federated-credential/issuer-slash.ts'
import { federatedCredentialLimitReached } from './federated-credential/limit-reached.ts'
import { federatedCredentialMissing } from './federated-credential/missing.ts'
import { federatedCredentialOnAnotherIdentity } from './federated-credential/on-another-identity.ts'
import { federatedCredentialSubjectDiffers } from './federated-credential/subject-differs.ts'

export const FEDERATED_CREDENTIAL: readonly Rule[] = [
  federatedCredentialMissing,
  federatedCredentialOnAnotherIdentity,
  federatedCredentialIssuerSlash,
  federatedCredentialCaseDiffers,
  federatedCredentialIssuerOfAnotherCluster,
  federatedCredentialSubjectDiffers,
  federatedCredentialAudienceDiffers,
  federatedCredentialLimitReached
]
