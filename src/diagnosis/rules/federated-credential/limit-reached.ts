import { input } from '../../../core/input-name.ts'
import { NAMES, TRUST } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { OF_TRUST } from '../../symptoms.ts'
import { ofIdentity } from '../../words.ts'

export const federatedCredentialLimitReached: Rule<'trust'> = {
  id: 'federated-credential/limit-reached',
  needs: ['trust'],
  link: 'federated-credential',
  severity: 'error',
  certainty: 'proved',
  explains: OF_TRUST,
  matches: ({ trust: { credentials, token } }) =>
    credentials.length >= 20 &&
    !credentials.some(({ issuer, subject }) => issuer === token?.issuer && subject === token.subject),
  finding: ({ names }) => ({
    summary: `The identity ${names.identity ?? ''} already has 20 federated credentials, the most that Entra allows, and none is for this cluster.`,
    expected: 'one free',
    actual: '20 of 20',
    remedy: `remove one that is no longer used, or set ${input('identity-name')} to another identity`,
    command: `az identity federated-credential list ${ofIdentity(names, '--identity-name')} --query "[].{name: name, issuer: issuer, subject: subject}" --output table`,
    link: FEDERATION
  }),
  symptom: 'The credential for one more cluster cannot be created.',
  cause: 'Every cluster needs a credential of its own, and an identity has at most 20.',
  texts: ['Too many Federated Identity Credentials', 'limit of 20'],
  sources: [FEDERATION],
  examples: [
    {
      names: NAMES,
      trust: {
        ...TRUST,
        credentials: Array.from({ length: 20 }, (_, at) => ({
          name: `c${at}`,
          issuer: `https://issuer.example/${at}/`,
          subject: 'system:serviceaccount:a:b',
          audience: 'api://AzureADTokenExchange'
        }))
      }
    }
  ]
}
