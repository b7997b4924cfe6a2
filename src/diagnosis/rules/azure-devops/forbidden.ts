import { input } from '../../../core/input-name.ts'
import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsForbidden: Rule<'git'> = {
  id: 'azure-devops/forbidden',
  needs: ['git'],
  link: 'permission',
  severity: 'error',
  certainty: 'likely',
  matches: ({ git: { stderr } }) => /error: 403|TF400813/.test(stderr),
  finding: ({ names, git: { reason } }) => ({
    summary: `Azure Repos knows the identity, but refuses it: ${reason}`,
    remedy: `check its access level (${organizationPage(names, 'users')}), the policies of the organization (${organizationPage(names, 'organizationPolicy')}), and run with ${input('mode', 'apply')}`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'git is refused with 403.',
  cause:
    'A policy of the organization, a missing permission, or an access level that does not include repositories.',
  texts: ['The requested URL returned error: 403', 'TF400813'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    { names: NAMES, git: git('fatal: unable to access: The requested URL returned error: 403') },
    { names: NAMES, git: git("remote: TF400813: The user '…' is not authorized to access this resource.") }
  ]
}
