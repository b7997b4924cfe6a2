import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'
import { isEntra } from '../../words.ts'

export const entraAssignmentRequired: Rule<'failure'> = {
  id: 'entra/assignment-required',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 50105, 501051),
  finding: ({ names }) => ({
    summary: 'The application that the token is for requires an assignment, and the identity has none.',
    remedy: `in Entra > Enterprise applications > Azure DevOps > Users and groups, assign the service principal ${names.principalId ?? 'of the identity'}, or turn "Assignment required" off`,
    link: AADSTS
  }),
  symptom: 'The token exchange is refused for Azure DevOps, while tokens for other services work.',
  cause: 'The enterprise application Azure DevOps of the tenant has "Assignment required" turned on.',
  texts: ['AADSTS50105', 'AADSTS501051', 'is not assigned to a role for the application'],
  sources: [AADSTS],
  examples: [
    {
      names: NAMES,
      failure: entra(50105, 'The signed in user is not assigned to a role for the application.')
    },
    { names: NAMES, failure: entra(501051) }
  ]
}
