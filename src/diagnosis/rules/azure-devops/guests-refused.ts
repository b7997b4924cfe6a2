import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_POLICIES } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsGuestsRefused: Rule<'failure'> = {
  id: 'azure-devops/guests-refused',
  needs: ['failure'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure: { service, status, detail } }) =>
    service === 'Azure DevOps' && (status === 200 || status === 409) && /\bguest/i.test(detail),
  finding: ({ failure: { detail }, names }) => ({
    summary: `A policy of the organization does not let the identity in: ${detail}`,
    remedy: `create the identity in the tenant of the organization (${organizationPage(names, 'organizationAad')}); only those of another tenant are guests. Or allow it under ${organizationPage(names, 'organizationPolicy')} > External guest access`,
    link: DEVOPS_POLICIES
  }),
  symptom: 'Adding the identity to the organization fails with a text about guests.',
  cause: 'The identity is of another tenant, and the organization does not let guests in.',
  texts: ['External guest access', 'guest users'],
  sources: [DEVOPS_POLICIES],
  examples: [
    { names: NAMES, failure: devops('5002', 'Inviting guest users is not allowed', { status: 200 }) },
    { names: NAMES, failure: devops('5002', 'No guests', { status: 409 }) }
  ]
}
