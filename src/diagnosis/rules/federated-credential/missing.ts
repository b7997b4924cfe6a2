import { input } from '../../../core/input-name.ts'
import { NAMES, TRUST } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { OF_TRUST } from '../../symptoms.ts'
import { matched, trustCommand } from '../../words.ts'

export const federatedCredentialMissing: Rule<'trust'> = {
  id: 'federated-credential/missing',
  needs: ['trust'],
  link: 'federated-credential',
  severity: 'error',
  certainty: 'proved',
  explains: OF_TRUST,
  matches: ({ trust: { credentials, elsewhere, token } }) =>
    token !== undefined &&
    credentials.length === 0 &&
    !elsewhere.some(({ subject }) => subject === token.subject),
  finding: ({ trust, names }) => {
    const token = matched(trust.token)
    return {
      summary: `The identity ${names.identity ?? ''} has no federated credential.`,
      expected: `${token.subject} of ${token.issuer}`,
      actual: 'none',
      remedy: `run with ${input('mode', 'apply')}, or create it`,
      command: trustCommand('create', `argocd-${names.cluster ?? 'cluster'}`.slice(0, 120), trust, names),
      link: FEDERATION
    }
  },
  symptom: 'Entra says AADSTS70025 or AADSTS70021.',
  cause: 'Nobody created the credential, creating it failed, or somebody deleted it.',
  texts: ['AADSTS70025', 'AADSTS70021'],
  sources: [FEDERATION],
  examples: [{ names: NAMES, trust: { ...TRUST, credentials: [] } }]
}
