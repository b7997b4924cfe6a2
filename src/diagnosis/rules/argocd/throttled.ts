import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_RATES, argocdIssue } from '../../sources.ts'
import { kubectl, shown } from '../../words.ts'

export const argocdThrottled: Rule<'complaint'> = {
  id: 'argocd/throttled',
  needs: ['complaint'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  matches: ({ complaint: { phase, whole } }) =>
    phase === 'reading' && /TF400733|status code: 429|error: 429/.test(whole),
  finding: ({ complaint: said, names }) => ({
    summary: `Azure DevOps limits the rate of Argo CD's requests: ${shown(said, /TF400733|429/)}`,
    remedy: `let Argo CD ask less often: a webhook instead of polling, timeout.reconciliation in its ConfigMap, fewer Applications per identity`,
    command: kubectl(names, 'edit configmap argocd-cm'),
    code: 'TF400733',
    link: DEVOPS_RATES
  }),
  symptom: 'Applications become Unknown for minutes, all at once.',
  cause: 'Limits count per identity, and one repo-server has one identity.',
  texts: ['TF400733', 'status code: 429'],
  sources: [DEVOPS_RATES, argocdIssue(26008)],
  examples: [
    {
      names: NAMES,
      complaint: complaint('reading', 'failed to list refs: unexpected client error: status code: 429')
    },
    { names: NAMES, complaint: complaint('reading', 'TF400733: The request has been canceled') },
    {
      names: NAMES,
      complaint: complaint('reading', 'Failed to fetch default: The requested URL returned error: 429')
    }
  ]
}
