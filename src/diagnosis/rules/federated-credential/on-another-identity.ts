import { input } from '../../../core/input-name.ts'
import type { Trust, Credential } from '../../evidence.ts'
import { CREDENTIAL, NAMES, TRUST } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { OF_TRUST } from '../../symptoms.ts'
import { matched } from '../../words.ts'

export const federatedCredentialOnAnotherIdentity: Rule<'trust'> = {
  id: 'federated-credential/on-another-identity',
  needs: ['trust'],
  link: 'federated-credential',
  severity: 'error',
  certainty: 'proved',
  explains: OF_TRUST,
  matches: ({ trust }) => onAnother(trust) !== undefined,
  finding: ({ trust, names }) => {
    const credential = matched(onAnother(trust))
    return {
      summary: `The federated credential for the repo-server is on the identity ${credential.identity}, not on ${names.identity ?? 'the identity of the pods'}.`,
      expected: names.identity ?? 'the identity of the pods',
      actual: `${credential.identity} (client id ${credential.clientId})`,
      remedy: `run with ${input('mode', 'apply')} to create it here too, or set ${input('identity-name', credential.identity)}`,
      link: FEDERATION
    }
  },
  symptom: 'Entra says AADSTS700213 or AADSTS70021, although a credential with the right subject exists.',
  cause: 'Annotation and federated credential were set up for two different identities.',
  texts: ['AADSTS700213', 'AADSTS70021'],
  sources: [FEDERATION],
  examples: [
    {
      names: NAMES,
      trust: {
        ...TRUST,
        credentials: [],
        elsewhere: [{ ...CREDENTIAL, identity: 'id-other', clientId: '00000000-0000-4000-8000-00000000cafe' }]
      }
    }
  ]
}

function onAnother({ credentials, elsewhere, token }: Trust): Trust['elsewhere'][number] | undefined {
  const fits = ({ issuer, subject }: Credential): boolean =>
    issuer === token?.issuer && subject === token.subject
  return credentials.some(fits) ? undefined : elsewhere.find(fits)
}
