import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_ENTRA_POLICIES } from '../../sources.ts'
import { organizationPage, shown } from '../../words.ts'

export const argocdNetworkRefused: Rule<'complaint'> = {
  id: 'argocd/network-refused',
  needs: ['complaint'],
  link: 'network',
  severity: 'error',
  certainty: 'proved',
  matches: ({ complaint: { phase, whole } }) => phase === 'reading' && /VS403463|VS403559/.test(whole),
  finding: ({ complaint: said, names }) => ({
    summary: `A Conditional Access policy refuses the network of the cluster: ${shown(said, /VS4034/)}`,
    remedy: `allow the outbound addresses of the cluster ${names.cluster ?? ''} in the policy, or exempt the identity; see ${organizationPage(names, 'organizationPolicy')}`,
    code: 'VS403463',
    link: DEVOPS_ENTRA_POLICIES
  }),
  symptom: 'This run can read, Argo CD cannot.',
  cause:
    'The organization checks Conditional Access by address, and the cluster leaves through another address than the runner.',
  texts: ['VS403463', 'VS403559'],
  sources: [DEVOPS_ENTRA_POLICIES],
  examples: [
    {
      names: NAMES,
      complaint: complaint(
        'reading',
        'failed to list refs: authorization failed: VS403463: The conditional access policy has failed'
      )
    },
    { names: NAMES, complaint: complaint('reading', 'VS403559') }
  ]
}
