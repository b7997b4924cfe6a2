import { input } from '../../../core/input-name.ts'
import { entra, NAMES, TRUST } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { OF_TRUST } from '../../symptoms.ts'
import { isEntra } from '../../words.ts'

export const entraPropagating: Rule<'trust' | 'failure'> = {
  id: 'entra/propagating',
  needs: ['trust', 'failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'likely',
  explains: OF_TRUST,
  matches: ({ trust: { credentials, token, audience }, failure }) =>
    isEntra(failure, 70021, 70025, 700211, 700212, 700213) &&
    credentials.some(
      (one) => one.issuer === token?.issuer && one.subject === token.subject && one.audience === audience
    ),
  finding: ({ failure: { code = '' } }) => ({
    summary: `Entra answers ${code}, although the federated credential equals the token in issuer, subject and audience: some of its servers do not know it yet.`,
    remedy: `run again in some minutes, or set ${input('verification-timeout')} to a longer time`,
    code,
    link: FEDERATION
  }),
  symptom: 'The token exchange fails now and then during the first minutes after a credential was written.',
  cause: 'The servers of Entra learn of a credential one by one.',
  texts: ['AADSTS70025', 'AADSTS70021', 'AADSTS700213'],
  sources: [FEDERATION],
  examples: [{ names: NAMES, trust: TRUST, failure: entra(70025) }]
}
