import { input } from '../../../core/input-name.ts'
import { complaint, NAMES, PLAIN_POD, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AZIDENTITY } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, kubectl, shown } from '../../words.ts'

export const workloadNodeIdentity: Rule<'workload'> = {
  id: 'workload/node-identity',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'likely',
  explains: OF_PODS,
  matches: ({ workload: { pods }, complaint: said }) =>
    pods.length > 0 &&
    pods.every(({ environment }) => !('AZURE_CLIENT_ID' in environment)) &&
    /ManagedIdentityCredential authentication failed|Multiple user assigned identities exist|status code: 302|TF400813/.test(
      said?.whole ?? ''
    ),
  finding: ({ names, complaint: said }) => ({
    summary: `The pods carry no identity, so Argo CD logs in with that of the node, which Azure DevOps does not know${said === undefined ? '' : `: ${shown(said, /ManagedIdentity|Multiple user|status code|TF400813/)}`}`,
    remedy: `run with ${input('mode', 'apply')}; then set AZURE_TOKEN_CREDENTIALS, so that this cannot happen silently`,
    command: kubectl(
      names,
      `set env ${deploymentOf(names)} AZURE_TOKEN_CREDENTIALS=WorkloadIdentityCredential`
    ),
    link: AZIDENTITY
  }),
  symptom: 'Argo CD is refused with 302 or 401, and the sign-in log shows the kubelet identity.',
  cause: "Without the webhook's variables, Argo CD's identity library asks the node for a token.",
  texts: [
    'ManagedIdentityCredential authentication failed',
    'Multiple user assigned identities exist',
    'status code: 302'
  ],
  sources: [AZIDENTITY],
  examples: [
    {
      names: NAMES,
      workload: { ...WORKLOAD, pods: [PLAIN_POD] },
      complaint: complaint('reading', 'failed to list refs: unexpected client error: status code: 302')
    }
  ]
}
