import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsMemberNotListed: Rule<'failure'> = {
  id: 'azure-devops/member-not-listed',
  needs: ['failure'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure }) =>
    failure.service === 'Azure DevOps' && failure.status === 409 && /\balready\b/i.test(failure.whole),
  finding: ({ failure: { detail }, names }) => ({
    summary: `Azure DevOps reports that the identity is a member already, but does not list it: ${detail}`,
    remedy: `wait some minutes and run again; if it stays, remove the identity (${organizationPage(names, 'users')}), and run again`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'Adding the identity fails because it exists, but nobody sees it.',
  cause: 'The graph of Azure DevOps has not caught up yet, or holds a remnant of a deleted member.',
  texts: ['already a member', 'already exists'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [{ names: NAMES, failure: devops('5000', 'The user is already a member', { status: 409 }) }]
}
