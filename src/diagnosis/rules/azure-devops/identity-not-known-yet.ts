import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { hasCode } from '../../words.ts'

export const azureDevopsIdentityNotKnownYet: Rule<'failure'> = {
  id: 'azure-devops/identity-not-known-yet',
  needs: ['failure'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure }) => hasCode(failure, 'VS403283'),
  finding: ({ failure: { detail } }) => ({
    summary: `Azure DevOps does not know the new identity yet: ${detail}`,
    remedy: 'run again in some minutes; a new identity takes a while to reach Azure DevOps',
    code: 'VS403283',
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'Adding a new identity to the organization fails during the first minutes.',
  cause: 'The directory of Azure DevOps has not read the new service principal from Entra yet.',
  texts: ['VS403283', 'Could not add user'],
  sources: ['https://github.com/microsoft/terraform-provider-azuredevops/issues/1603'],
  examples: [
    {
      names: NAMES,
      failure: devops('VS403283', "(VS403283) Could not add user '…' at this time.", { status: 200 })
    }
  ]
}
