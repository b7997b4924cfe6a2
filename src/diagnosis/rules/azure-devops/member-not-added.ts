import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsMemberNotAdded: Rule<'failure'> = {
  id: 'azure-devops/member-not-added',
  needs: ['failure'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure }) => failure.service === 'Azure DevOps' && failure.status === 200,
  finding: ({ failure: { detail }, names }) => ({
    summary: `Azure DevOps answered 200, but did not add the member: ${detail}`,
    remedy: `check that the identity is in the tenant of the organization (${organizationPage(names, 'organizationAad')}) and that a Basic license is free (${organizationPage(names, 'billing')})`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'The answer is 200, but its body says that the operation failed.',
  cause: 'The service reports failures of single operations in the body.',
  texts: ['isSuccess: false'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [{ names: NAMES, failure: devops('9999', 'something else', { status: 200 }) }]
}
