import type { ClusterEvent } from '../../evidence.ts'
import { safe } from '../../../http/errors.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { KUBERNETES_QUOTA, KUBERNETES_ADMISSION } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { kubectl, matched } from '../../words.ts'

export const workloadPodsRefused: Rule<'events' | 'workload'> = {
  id: 'workload/pods-refused',
  needs: ['events', 'workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_PODS, 'verification/no-answer'],
  matches: ({ events, workload: { pods, replicas } }) => pods.length < replicas && events.some(isRefusal),
  finding: ({ events, names }) => ({
    summary: `New repo-server pods are refused: ${safe(matched(events.find(isRefusal)).message)}`,
    remedy: 'change what the text names (a quota, a policy, the service account)',
    command: kubectl(names, 'get events --field-selector reason=FailedCreate'),
    link: KUBERNETES_ADMISSION
  }),
  symptom: 'The rollout of the repo-server does not finish.',
  cause: 'A quota or an admission policy refuses its pods.',
  texts: ['FailedCreate', 'exceeded quota', 'denied the request'],
  sources: [KUBERNETES_ADMISSION, KUBERNETES_QUOTA],
  examples: [
    {
      names: NAMES,
      workload: { ...WORKLOAD, pods: [] },
      events: [
        {
          reason: 'FailedCreate',
          object: 'ReplicaSet/x',
          message: 'Error creating: pods "x" is forbidden: exceeded quota: compute'
        }
      ]
    }
  ]
}

/** Of its own; when the webhook fails, that is the cause. */
function isRefusal({ reason, message }: ClusterEvent): boolean {
  return reason === 'FailedCreate' && !/azure-workload-identity/.test(message)
}
