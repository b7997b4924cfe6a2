import { input } from '../../../core/input-name.ts'
import type { Trust, Credential } from '../../evidence.ts'
import { CREDENTIAL, NAMES, TRUST } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION, EXTENSION } from '../../sources.ts'
import { OF_TRUST } from '../../symptoms.ts'
import { difference, matched, trustCommand } from '../../words.ts'

export const federatedCredentialSubjectDiffers: Rule<'trust'> = {
  id: 'federated-credential/subject-differs',
  needs: ['trust'],
  link: 'federated-credential',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_TRUST, 'federated-credential/not-ours'],
  matches: ({ trust }) => other(trust) !== undefined,
  finding: ({ trust, names }) => {
    const credential = matched(other(trust))
    const token = matched(trust.token)
    return {
      summary: `The federated credential ${credential.name} has another subject than the repo-server's token; ${difference(token.subject, credential.subject)}.`,
      expected: token.subject,
      actual: credential.subject,
      remedy: `run with ${input('mode', 'apply')}, or correct it`,
      command: trustCommand('update', credential.name, trust, names),
      link: FEDERATION
    }
  },
  symptom: 'Entra says AADSTS700213.',
  cause:
    'Namespace or service account differ: Helm prefixes names, the operator uses "default", and an example of the documentation names an account of Flux.',
  texts: ['AADSTS700213', 'AADSTS70021', 'source-controller'],
  sources: [FEDERATION, EXTENSION],
  examples: [
    {
      names: NAMES,
      trust: {
        ...TRUST,
        credentials: [{ ...CREDENTIAL, subject: 'system:serviceaccount:argocd:source-controller' }]
      }
    }
  ]
}

/** The credential of this cluster with another subject; one in other case is another rule's. */
function other({ credentials, token }: Trust): Credential | undefined {
  if (token === undefined) return undefined
  const own = credentials.filter(({ issuer }) => issuer === token.issuer)
  if (own.some(({ subject }) => subject.toLowerCase() === token.subject.toLowerCase())) return undefined
  return own[0]
}
