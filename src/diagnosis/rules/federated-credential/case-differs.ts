import { input } from '../../../core/input-name.ts'
import type { Trust, Credential } from '../../evidence.ts'
import { CREDENTIAL, NAMES, TRUST } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { OF_TRUST } from '../../symptoms.ts'
import { difference, matched, trustCommand } from '../../words.ts'

export const federatedCredentialCaseDiffers: Rule<'trust'> = {
  id: 'federated-credential/case-differs',
  needs: ['trust'],
  link: 'federated-credential',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_TRUST, 'federated-credential/not-ours'],
  matches: ({ trust }) => near(trust) !== undefined,
  finding: ({ trust, names }) => {
    const credential = matched(near(trust))
    const token = matched(trust.token)
    return {
      summary: `The federated credential ${credential.name} differs from the token in upper and lower case only: ${credential.subject === token.subject ? difference(token.issuer, credential.issuer) : difference(token.subject, credential.subject)}.`,
      expected: `${token.subject} of ${token.issuer}`,
      actual: `${credential.subject} of ${credential.issuer}`,
      remedy: `run with ${input('mode', 'apply')}, or correct it`,
      command: trustCommand('update', credential.name, trust, names),
      link: FEDERATION
    }
  },
  symptom: 'Entra says AADSTS7002138.',
  cause: 'Since February 2025, Entra compares subject and issuer with upper and lower case.',
  texts: ['AADSTS7002138'],
  sources: ['https://github.com/Azure/login/issues/515'],
  examples: [
    {
      names: NAMES,
      trust: {
        ...TRUST,
        credentials: [{ ...CREDENTIAL, subject: 'system:serviceaccount:ArgoCD:argocd-repo-server' }]
      }
    },
    {
      names: NAMES,
      trust: { ...TRUST, credentials: [{ ...CREDENTIAL, issuer: CREDENTIAL.issuer.toUpperCase() }] }
    }
  ]
}

function near({ credentials, token }: Trust): Credential | undefined {
  if (token === undefined) return undefined
  const text = ({ issuer, subject }: { readonly issuer: string; readonly subject: string }): string =>
    `${subject} of ${issuer}`
  if (credentials.some((one) => text(one) === text(token))) return undefined
  return credentials.find((one) => text(one).toLowerCase() === text(token).toLowerCase())
}
