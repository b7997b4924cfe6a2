import { input } from '../../../core/input-name.ts'
import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { isEntra, ofIdentity } from '../../words.ts'

export const entraNoCredential: Rule<'failure'> = {
  id: 'entra/no-credential',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure }) => isEntra(failure, 70025),
  finding: ({ names }) => ({
    summary: 'Entra knows no federated credential of the identity.',
    remedy: `run with ${input('mode', 'apply')}; a new one takes some minutes to be known everywhere`,
    command: `az identity federated-credential list ${ofIdentity(names, '--identity-name')}`,
    link: FEDERATION
  }),
  symptom: 'The token exchange fails, sometimes only now and then during the first minutes.',
  cause:
    'The identity has no federated credential, or the first one was written a moment ago and some of the servers of Entra do not know it yet.',
  texts: ['AADSTS70025', 'has no configured federated identity credentials'],
  sources: [FEDERATION],
  examples: [
    {
      names: NAMES,
      failure: entra(70025, "The client '…' has no configured federated identity credentials.")
    }
  ]
}
