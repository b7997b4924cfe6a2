import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'
import { isEntra } from '../../words.ts'

export const entraResourceUnknown: Rule<'failure'> = {
  id: 'entra/resource-unknown',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 500011, 650052, 70011, 500341),
  finding: ({ names }) => ({
    summary: 'The tenant has no service principal for the service that the token is for.',
    remedy: `create it once per tenant; then check that the organization ${names.organization ?? ''} is connected to this tenant (Organization settings > Microsoft Entra)`,
    command: 'az ad sp create --id 499b84ac-1321-427f-aa17-267ca6975798',
    link: AADSTS
  }),
  symptom: 'The token exchange is refused in a tenant that never used Azure DevOps.',
  cause:
    'Nobody in the tenant has signed in to Azure DevOps, so its application does not exist there; usually it is the wrong tenant.',
  texts: [
    'AADSTS500011',
    'AADSTS650052',
    'AADSTS70011',
    'AADSTS500341',
    'The resource principal named 499b84ac-1321-427f-aa17-267ca6975798 was not found in the tenant'
  ],
  sources: [AADSTS],
  examples: [
    {
      names: NAMES,
      failure: entra(
        500011,
        'The resource principal named 499b84ac-1321-427f-aa17-267ca6975798 was not found in the tenant named ….'
      )
    },
    { names: NAMES, failure: entra(650052) },
    { names: NAMES, failure: entra(70011) },
    { names: NAMES, failure: entra(500341) }
  ]
}
