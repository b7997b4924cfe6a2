import { input } from '../../../core/input-name.ts'
import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { isEntra } from '../../words.ts'

export const entraAudienceDiffers: Rule<'failure'> = {
  id: 'entra/audience-differs',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 700212),
  finding: ({ failure: { detail } }) => ({
    summary: `The federated credential names another audience than the token. ${detail}`,
    remedy: `run with ${input('mode', 'apply')} to write the audience of this cloud`,
    link: FEDERATION
  }),
  symptom: 'The token exchange fails although issuer and subject are right.',
  cause:
    'Each cloud has an audience of its own (api://AzureADTokenExchange, …China, …USGov); a webhook with --audience and AKS identity bindings change that of the token.',
  texts: ['AADSTS700212', 'No matching federated identity record found for presented assertion audience'],
  sources: [FEDERATION],
  examples: [
    {
      names: NAMES,
      failure: entra(
        700212,
        "No matching federated identity record found for presented assertion audience 'api://AzureADTokenExchangeChina'."
      )
    }
  ]
}
