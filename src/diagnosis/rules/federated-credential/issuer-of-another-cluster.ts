import { input } from '../../../core/input-name.ts'
import type { Trust, Credential } from '../../evidence.ts'
import { CREDENTIAL, NAMES, TRUST } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION, AKS_ISSUER } from '../../sources.ts'
import { OF_TRUST } from '../../symptoms.ts'
import { difference, matched, trustCommand } from '../../words.ts'

export const federatedCredentialIssuerOfAnotherCluster: Rule<'trust'> = {
  id: 'federated-credential/issuer-of-another-cluster',
  needs: ['trust'],
  link: 'federated-credential',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_TRUST, 'federated-credential/not-ours'],
  matches: ({ trust }) => foreign(trust) !== undefined,
  finding: ({ trust, names }) => {
    const credential = matched(foreign(trust))
    const token = matched(trust.token)
    return {
      summary: `The federated credential ${credential.name} has another issuer than this cluster's tokens; ${difference(token.issuer, credential.issuer)}.`,
      expected: token.issuer,
      actual: credential.issuer,
      remedy: `if it was for this cluster before it was created again, run with ${input('mode', 'apply')}, or correct it`,
      command: trustCommand('update', credential.name, trust, names),
      link: FEDERATION
    }
  },
  symptom: 'Entra says AADSTS700211.',
  cause:
    'The cluster was created again (every cluster has an issuer of its own), or the credential was made for another one.',
  texts: ['AADSTS700211', 'AADSTS70021'],
  sources: [FEDERATION, AKS_ISSUER],
  examples: [
    {
      names: NAMES,
      trust: {
        ...TRUST,
        credentials: [{ ...CREDENTIAL, issuer: 'https://westeurope.oic.prod-aks.azure.com/t/other/' }]
      }
    }
  ]
}

function foreign({ credentials, token }: Trust): Credential | undefined {
  if (token === undefined) return undefined
  const bare = (text: string): string => text.toLowerCase().replace(/\/$/, '')
  if (credentials.some(({ issuer }) => bare(issuer) === bare(token.issuer))) return undefined
  return credentials.find(({ subject }) => subject === token.subject) ?? undefined
}
