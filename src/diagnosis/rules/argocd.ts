/** Rules about `argocd`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { argocdCannotRead } from './argocd/cannot-read.ts'
import { argocdCertificateUntrusted } from './argocd/certificate-untrusted.ts'
import { argocdClusterUnreachable } from './argocd/cluster-unreachable.ts'
import { argocdComplaint } from './argocd/complaint.ts'
import { argocdDestinationRefused } from './argocd/destination-refused.ts'
import { argocdExtensionFailed } from './argocd/extension-failed.ts'
import { argocdExtensionKeysOld } from './argocd/extension-keys-old.ts'
import { argocdFetchFails } from './argocd/fetch-fails.ts'
import { argocdManifestsFail } from './argocd/manifests-fail.ts'
import { argocdNetworkRefused } from './argocd/network-refused.ts'
import { argocdNoCredentialsMatched } from './argocd/no-credentials-matched.ts'
import { argocdNoNetwork } from './argocd/no-network.ts'
import { argocdOtherSource } from './argocd/other-source.ts'
import { argocdProjectForbidsRepository } from './argocd/project-forbids-repository.ts'
import { argocdProjectMissing } from './argocd/project-missing.ts'
import { argocdReadsNothing } from './argocd/reads-nothing.ts'
import { argocdRemoteBaseFails } from './argocd/remote-base-fails.ts'
import { argocdRevisionMissing } from './argocd/revision-missing.ts'
import { argocdThrottled } from './argocd/throttled.ts'
import { argocdVersionUnfit } from './argocd/version-unfit.ts'

export const ARGOCD: readonly Rule[] = [
  argocdThrottled,
  argocdNoNetwork,
  argocdCertificateUntrusted,
  argocdNetworkRefused,
  argocdNoCredentialsMatched,
  argocdFetchFails,
  argocdRevisionMissing,
  argocdRemoteBaseFails,
  argocdProjectMissing,
  argocdProjectForbidsRepository,
  argocdDestinationRefused,
  argocdClusterUnreachable,
  argocdReadsNothing,
  argocdOtherSource,
  argocdManifestsFail,
  argocdCannotRead,
  argocdComplaint,
  argocdVersionUnfit,
  argocdExtensionKeysOld,
  argocdExtensionFailed
]
