/**
 * Why Azure DevOps does not add a member. The reason is in the text of an answer 200. No public list of the codes
 * exists, so the entries match the wording and also show the service's own text.
 */
import type { HttpProblem } from '../http/errors.ts'
import { DEVOPS_PRINCIPALS, type Entry } from './entry.ts'

const refusal =
  (words: RegExp) =>
  ({ service, status, detail }: HttpProblem): boolean =>
    service === 'Azure DevOps' && (status === 200 || status === 409) && words.test(detail)

export const MEMBER_REFUSALS: readonly Entry[] = [
  {
    when: ({ service, status, detail }) =>
      service === 'Azure DevOps' && status === 409 && /\balready\b/i.test(detail),
    facts: ({ detail }) => ({
      id: 'azure-devops/member-not-listed',
      summary: `Azure DevOps says that the identity is a member already, and does not list it: ${detail}`,
      remedy:
        'wait some minutes and run again; if it stays, remove the identity under Organization settings > Users, and run again',
      link: DEVOPS_PRINCIPALS
    })
  },
  {
    when: refusal(
      /\blicen[cs]es?\b.*\b(?:available|left|remaining|exceed\w*|enough|limit)|\b(?:no|not enough|exceed\w*)\b.*\blicen[cs]es?\b/i
    ),
    facts: ({ detail }) => ({
      id: 'azure-devops/licence-missing',
      summary: `The organization has no Basic licence left for the identity: ${detail}`,
      remedy:
        'Organization settings > Billing: buy one more Basic, or free one under Organization settings > Users; then run again',
      link: 'https://learn.microsoft.com/azure/devops/organizations/billing/buy-basic-access-add-users'
    })
  },
  {
    when: refusal(/\bguest/i),
    facts: ({ detail }) => ({
      id: 'azure-devops/guests-refused',
      summary: `A policy of the organization does not let the identity in: ${detail}`,
      remedy:
        'create the identity in the tenant of the organization (Organization settings > Microsoft Entra); only those of another tenant are guests. Else allow it under Organization settings > Policies > External guest access',
      link: 'https://learn.microsoft.com/azure/devops/organizations/accounts/change-application-access-policies'
    })
  },
  {
    when: refusal(
      /outside (?:of )?your directory|Failed to create service principal|\btenant\b|different directory/i
    ),
    facts: ({ detail }) => ({
      id: 'azure-devops/tenant-differs',
      summary: `Azure DevOps does not find the identity in the tenant of the organization: ${detail}`,
      remedy:
        'compare the tenant of the identity (the output tenant-id) with that under Organization settings > Microsoft Entra: they must be one; a new identity takes some minutes to appear',
      link: DEVOPS_PRINCIPALS
    })
  }
]
