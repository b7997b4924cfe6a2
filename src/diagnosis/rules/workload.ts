/** Rules about `workload`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { workloadAnnotationElsewhere } from './workload/annotation-elsewhere.ts'
import { workloadAnnotationMissing } from './workload/annotation-missing.ts'
import { workloadAnnotationNotClientId } from './workload/annotation-not-client-id.ts'
import { workloadClientSecretInEnvironment } from './workload/client-secret-in-environment.ts'
import { workloadClientSecretWins } from './workload/client-secret-wins.ts'
import { workloadCommitServerWithoutIdentity } from './workload/commit-server-without-identity.ts'
import { workloadInKubeSystem } from './workload/in-kube-system.ts'
import { workloadLabelMisplaced } from './workload/label-misplaced.ts'
import { workloadLabelMissing } from './workload/label-missing.ts'
import { workloadLabelValue } from './workload/label-value.ts'
import { workloadNoIdentity } from './workload/no-identity.ts'
import { workloadNodeIdentity } from './workload/node-identity.ts'
import { workloadOtherAudience } from './workload/other-audience.ts'
import { workloadOtherAuthority } from './workload/other-authority.ts'
import { workloadOtherIdentity } from './workload/other-identity.ts'
import { workloadOtherTenant } from './workload/other-tenant.ts'
import { workloadPodOlder } from './workload/pod-older.ts'
import { workloadPodsCrashing } from './workload/pods-crashing.ts'
import { workloadPodsPartlyWithoutIdentity } from './workload/pods-partly-without-identity.ts'
import { workloadPodsRefused } from './workload/pods-refused.ts'
import { workloadRolloutPaused } from './workload/rollout-paused.ts'
import { workloadServiceAccountMissing } from './workload/service-account-missing.ts'
import { workloadSetByHand } from './workload/set-by-hand.ts'
import { workloadSkippedByWebhook } from './workload/skipped-by-webhook.ts'
import { workloadTokenExpirationInvalid } from './workload/token-expiration-invalid.ts'
import { workloadWebhookDown } from './workload/webhook-down.ts'
import { workloadWebhookMissing } from './workload/webhook-missing.ts'

export const WORKLOAD: readonly Rule[] = [
  workloadClientSecretWins,
  workloadNoIdentity,
  workloadWebhookMissing,
  workloadWebhookDown,
  workloadInKubeSystem,
  workloadLabelMisplaced,
  workloadLabelMissing,
  workloadLabelValue,
  workloadAnnotationElsewhere,
  workloadAnnotationMissing,
  workloadAnnotationNotClientId,
  workloadOtherIdentity,
  workloadServiceAccountMissing,
  workloadOtherTenant,
  workloadClientSecretInEnvironment,
  workloadSetByHand,
  workloadOtherAuthority,
  workloadSkippedByWebhook,
  workloadTokenExpirationInvalid,
  workloadOtherAudience,
  // A restart would not help where new pods do not come.
  workloadRolloutPaused,
  workloadPodsRefused,
  workloadPodsPartlyWithoutIdentity,
  workloadNodeIdentity,
  workloadPodOlder,
  workloadPodsCrashing,
  workloadCommitServerWithoutIdentity
]
