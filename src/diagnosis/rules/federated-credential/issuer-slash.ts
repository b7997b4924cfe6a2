import { input } from '../../../core/input-name.ts'
import type { Trust, Credential } from '../../evidence.ts'
import { CREDENTIAL, NAMES, TRUST } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION, AWI } from '../../sources.ts'
import { OF_TRUST } from '../../symptoms.ts'
import { matched, trustCommand } from '../../words.ts'

export const federatedCredentialIssuerSlash: Rule<'trust'> = {
  id: 'federated-credential/issuer-slash',
  needs: ['trust'],
  link: 'federated-credential',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_TRUST, 'federated-credential/not-ours'],
  matches: ({ trust }) => slashed(trust) !== undefined,
  finding: ({ trust, names }) => {
    const credential = matched(slashed(trust))
    return {
      summary: `The issuer of the federated credential ${credential.name} differs from that of the token by a trailing slash.`,
      expected: matched(trust.token).issuer,
      actual: credential.issuer,
      remedy: `run with ${input('mode', 'apply')}, or correct it`,
      command: trustCommand('update', credential.name, trust, names),
      link: FEDERATION
    }
  },
  symptom: 'Entra says AADSTS700211; both issuers look the same.',
  cause: 'The issuers of AKS end with a slash, and Entra compares byte for byte.',
  texts: ['AADSTS700211', 'AADSTS70021'],
  sources: [AWI, FEDERATION],
  examples: [
    {
      names: NAMES,
      trust: { ...TRUST, credentials: [{ ...CREDENTIAL, issuer: CREDENTIAL.issuer.replace(/\/$/, '') }] }
    }
  ]
}

function slashed({ credentials, token }: Trust): Credential | undefined {
  const bare = (text: string): string => (text.endsWith('/') ? text.slice(0, -1) : text)
  if (token === undefined || credentials.some(({ issuer }) => issuer === token.issuer)) return undefined
  return credentials.find(({ issuer }) => bare(issuer) === bare(token.issuer))
}
