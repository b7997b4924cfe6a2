import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_ENTRA_POLICIES } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsNetworkRefused: Rule<'git'> = {
  id: 'azure-devops/network-refused',
  needs: ['git'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  matches: ({ git: { stderr } }) => /VS403463|VS403559/.test(stderr),
  finding: ({ names }) => ({
    summary: 'A Conditional Access policy refuses the network that git comes from.',
    remedy: `allow the addresses of the runner and of the cluster in the policy, or exempt the identity; see ${organizationPage(names, 'organizationPolicy')}`,
    code: 'VS403463',
    link: DEVOPS_ENTRA_POLICIES
  }),
  symptom: 'git is refused from one network, and works from another.',
  cause: 'The organization checks Conditional Access by address for every request.',
  texts: ['VS403463', 'VS403559'],
  sources: [DEVOPS_ENTRA_POLICIES],
  examples: [
    {
      names: NAMES,
      git: git('remote: VS403463: The conditional access policy defined by your administrator has failed.')
    },
    { names: NAMES, git: git('remote: VS403559: blocked') }
  ]
}
