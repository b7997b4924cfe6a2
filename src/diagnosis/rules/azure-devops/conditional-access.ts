import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_ENTRA_POLICIES } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsConditionalAccess: Rule<'failure'> = {
  id: 'azure-devops/conditional-access',
  needs: ['failure'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => failure.service === 'Azure DevOps' && /VS403463|VS403559/.test(failure.whole),
  finding: ({ failure: { detail }, names }) => ({
    summary: `A Conditional Access policy refuses the network that the request comes from: ${detail}`,
    remedy: `allow the addresses of the runner and of the cluster in the policy, or exempt the application; see ${organizationPage(names, 'organizationPolicy')} ("Enable IP Conditional Access policy validation")`,
    code: /VS\d+/.exec(detail)?.[0] ?? 'VS403463',
    link: DEVOPS_ENTRA_POLICIES
  }),
  symptom: 'Azure DevOps refuses from one network and works from another.',
  cause: 'The organization checks Conditional Access by address for every request.',
  texts: [
    'VS403463',
    'VS403559',
    'The conditional access policy defined by your Azure Active Directory administrator has failed'
  ],
  sources: [DEVOPS_ENTRA_POLICIES],
  examples: [
    {
      names: NAMES,
      failure: devops(
        'VS403463',
        'VS403463: The conditional access policy defined by your Azure Active Directory administrator has failed.',
        { status: 401 }
      )
    }
  ]
}
