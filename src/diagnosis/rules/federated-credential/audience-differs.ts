import { input } from '../../../core/input-name.ts'
import type { Trust, Credential } from '../../evidence.ts'
import { CREDENTIAL, NAMES, TRUST } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { OF_TRUST } from '../../symptoms.ts'
import { difference, matched, trustCommand } from '../../words.ts'

export const federatedCredentialAudienceDiffers: Rule<'trust'> = {
  id: 'federated-credential/audience-differs',
  needs: ['trust'],
  link: 'federated-credential',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_TRUST, 'federated-credential/not-ours'],
  matches: ({ trust }) => misled(trust) !== undefined,
  finding: ({ trust, names }) => {
    const credential = matched(misled(trust))
    return {
      summary: `The federated credential ${credential.name} has another audience than the token; ${difference(trust.audience, credential.audience)}.`,
      expected: trust.audience,
      actual: credential.audience,
      remedy: `run with ${input('mode', 'apply')}, or correct it`,
      command: trustCommand('update', credential.name, trust, names),
      link: FEDERATION
    }
  },
  symptom: 'Entra says AADSTS700212.',
  cause: 'The credential was made for another cloud (…China, …USGov), or for another program.',
  texts: ['AADSTS700212'],
  sources: [FEDERATION],
  examples: [
    {
      names: NAMES,
      trust: { ...TRUST, credentials: [{ ...CREDENTIAL, audience: 'api://AzureADTokenExchangeChina' }] }
    }
  ]
}

function misled({ credentials, token, audience }: Trust): Credential | undefined {
  const own = credentials.filter(
    ({ issuer, subject }) => issuer === token?.issuer && subject === token.subject
  )
  return own.some((one) => one.audience === audience) ? undefined : own[0]
}
