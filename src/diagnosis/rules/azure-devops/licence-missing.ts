import type { Failure } from '../../../core/answered.ts'
import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS, DEVOPS_BILLING } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsLicenceMissing: Rule<'failure'> = {
  id: 'azure-devops/licence-missing',
  needs: ['failure'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) =>
    isMemberRefusal(failure) &&
    /\blicen[cs]es?\b.*\b(?:available|left|remaining|exceed\w*|enough|limit)|\b(?:no|not enough|exceed\w*)\b.*\blicen[cs]es?\b/i.test(
      failure.detail
    ),
  finding: ({ failure: { detail }, names }) => ({
    summary: `The organization has no Basic license left for the identity: ${detail}`,
    remedy: `buy one more Basic (${organizationPage(names, 'billing')}), or free one (${organizationPage(names, 'users')}); then run again`,
    link: DEVOPS_BILLING
  }),
  symptom: 'Adding the identity to the organization fails.',
  cause: 'Service principals need a license like a person, and all Basic licenses are assigned.',
  texts: ['no licenses available', 'not enough licenses', 'No more licenses'],
  sources: [DEVOPS_BILLING, DEVOPS_PRINCIPALS],
  examples: [
    { names: NAMES, failure: devops('5001', 'There are no licenses available', { status: 200 }) },
    { names: NAMES, failure: devops('5001', 'You have exceeded the number of licences', { status: 409 }) }
  ]
}

function isMemberRefusal({ service, status }: Failure): boolean {
  return service === 'Azure DevOps' && (status === 200 || status === 409)
}
