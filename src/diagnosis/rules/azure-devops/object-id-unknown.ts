import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { ofIdentity, organizationPage } from '../../words.ts'

export const azureDevopsObjectIdUnknown: Rule<'failure'> = {
  id: 'azure-devops/object-id-unknown',
  needs: ['failure'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure: { service, detail } }) =>
    service === 'Azure DevOps' && /Failed to create service principal/i.test(detail),
  finding: ({ failure: { detail }, names }) => ({
    summary: `Azure DevOps finds no service principal with the object id that it was given: ${detail}`,
    remedy: `use the object id of the service principal, not that of the application; and compare its tenant with that of the organization (Organization settings > Microsoft Entra, ${organizationPage(names, 'organizationAad')})`,
    command: `az identity show ${ofIdentity(names)} --query principalId`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'Adding the identity by hand or by script fails.',
  cause: 'The object id is that of the app registration, or the identity is of another tenant.',
  texts: ['Failed to create service principal with object ID', 'VS403283'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    {
      names: NAMES,
      failure: devops('5003', "Failed to create service principal with object ID '…'", { status: 200 })
    }
  ]
}
