import { safe } from '../../../http/errors.ts'
import { NAMES, PLAIN_POD, WEBHOOK, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI, AWI_WEBHOOK } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { kubectl, lines, ofCluster, restart } from '../../words.ts'

export const workloadWebhookDown: Rule<'webhook'> = {
  id: 'workload/webhook-down',
  needs: ['webhook'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ webhook, events = [], workload }) =>
    webhook.registered &&
    (webhook.ready === 0 ||
      events.some(
        ({ reason, message }) =>
          reason === 'FailedCreate' && /failed calling webhook .{0,200}azure-workload-identity/.test(message)
      )) &&
    (workload === undefined ||
      workload.pods.length < workload.replicas ||
      !workload.pods.every(({ environment }) => 'AZURE_CLIENT_ID' in environment) ||
      webhook.ready === 0),
  finding: ({ webhook: { service = 'its Service' }, events = [], names }) => ({
    summary:
      `The workload identity webhook does not answer (${service}), so new repo-server pods are refused. ${safe(events.find(({ message }) => message.includes('failed calling webhook'))?.message ?? '')}`.trim(),
    expected: 'at least one ready endpoint',
    actual: 'none',
    remedy:
      'see why its pods do not run; on AKS, reconcile the cluster; then restart the pods of the repo-server',
    command: lines(
      kubectl(
        { namespace: service.includes('/') ? service.split('/')[0] : 'kube-system' },
        'get pods -l azure-workload-identity.io/system=true'
      ),
      ...(names.resourceGroup === undefined ? [] : [`az aks update ${ofCluster(names)}`]),
      restart(names)
    ),
    link: AWI
  }),
  symptom: 'A rollout of the repo-server does not create pods; the ReplicaSet reports FailedCreate.',
  cause:
    'The failure policy of the webhook is Fail: while its pods are down, every pod with the label is refused.',
  texts: [
    'failed calling webhook "mutation.azure-workload-identity.io"',
    'no endpoints available for service',
    'FailedCreate'
  ],
  sources: [AWI_WEBHOOK, AWI],
  examples: [
    { names: NAMES, webhook: { ...WEBHOOK, ready: 0 } },
    {
      names: NAMES,
      webhook: WEBHOOK,
      workload: { ...WORKLOAD, pods: [] },
      events: [
        {
          reason: 'FailedCreate',
          object: 'ReplicaSet/argocd-repo-server-1',
          message:
            'Error creating: failed calling webhook "mutation.azure-workload-identity.io": no endpoints available'
        }
      ]
    },
    {
      names: NAMES,
      webhook: { ...WEBHOOK, ready: undefined, service: undefined },
      workload: { ...WORKLOAD, pods: [PLAIN_POD] },
      events: [
        {
          reason: 'FailedCreate',
          object: 'x',
          message: 'failed calling webhook "mutation.azure-workload-identity.io"'
        }
      ]
    }
  ]
}
