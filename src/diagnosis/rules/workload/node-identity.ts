import type { Complaint } from '../../../core/answered.ts'
import type { Evidence } from '../../evidence.ts'
import { input } from '../../../core/input-name.ts'
import { complaint, NAMES, PLAIN_POD, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AZIDENTITY } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, kubectl, matched, shown } from '../../words.ts'

export const workloadNodeIdentity: Rule<'workload'> = {
  id: 'workload/node-identity',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'likely',
  explains: OF_PODS,
  matches: ({ workload: { pods }, ...said }) =>
    pods.length > 0 &&
    pods.every(({ environment }) => !('AZURE_CLIENT_ID' in environment)) &&
    ofNode(said) !== undefined,
  finding: ({ names, ...said }) => ({
    summary: `The pods carry no identity, so Argo CD logs in with that of the node, which Azure DevOps does not know: ${shown(matched(ofNode(said)), OF_NODE)}`,
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
      complaints: [complaint('reading', 'ManagedIdentityCredential authentication failed')]
    },
    {
      names: NAMES,
      workload: { ...WORKLOAD, pods: [PLAIN_POD] },
      complaint: complaint('reading', 'failed to list refs: unexpected client error: status code: 302')
    }
  ]
}

const OF_NODE =
  /ManagedIdentityCredential authentication failed|Multiple user assigned identities exist|status code: 302|TF400813/

/** What Argo CD said when it had the identity of the node, on any Application. */
function ofNode({
  complaint: said,
  complaints = []
}: Pick<Evidence, 'complaint' | 'complaints'>): Complaint | undefined {
  return [...(said ? [said] : []), ...complaints].find(({ whole }) => OF_NODE.test(whole))
}
