import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsTenantDiffers: Rule<'failure'> = {
  id: 'azure-devops/tenant-differs',
  needs: ['failure'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure: { service, status, detail } }) =>
    service === 'Azure DevOps' &&
    (status === 200 || status === 409) &&
    /outside (?:of )?your directory|\btenant\b|different directory/i.test(detail),
  finding: ({ failure: { detail }, names }) => ({
    summary: `Azure DevOps does not find the identity in the tenant of the organization: ${detail}`,
    remedy: `compare the tenant of the identity (${names.tenantId ?? 'the output tenant-id'}) with that of the organization (Organization settings > Microsoft Entra, ${organizationPage(names, 'organizationAad')}): they must be the same; a new identity takes some minutes to appear`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'Adding the identity to the organization fails.',
  cause: 'The organization only takes identities of the tenant that it is connected to.',
  texts: ['outside of your directory', 'different directory'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    {
      names: NAMES,
      failure: devops('5004', 'You are trying to invite a user from outside of your directory', {
        status: 200
      })
    },
    { names: NAMES, failure: devops('5004', 'The identity is in another tenant', { status: 409 }) },
    { names: NAMES, failure: devops('5004', 'a different directory', { status: 409 }) }
  ]
}
