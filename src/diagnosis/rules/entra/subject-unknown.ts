import { input } from '../../../core/input-name.ts'
import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION, AWI } from '../../sources.ts'
import { isEntra } from '../../words.ts'

export const entraSubjectUnknown: Rule<'failure'> = {
  id: 'entra/subject-unknown',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 700213, 7002137),
  finding: ({ failure: { detail }, names }) => ({
    summary: `Entra finds no federated credential with the repo-server's subject. ${detail}`,
    remedy: `run with ${input('mode', 'apply')}; the subject must be system:serviceaccount:${names.namespace ?? '<namespace>'}:${names.account ?? '<service account of the repo-server>'}`,
    link: FEDERATION
  }),
  symptom: 'The token exchange fails; Argo CD reports "WorkloadIdentityCredential authentication failed".',
  cause:
    'The federated credential names another namespace or service account than that of the repo-server pods, or it is on another identity.',
  texts: [
    'AADSTS700213',
    'AADSTS7002137',
    'No matching federated identity record found for presented assertion subject'
  ],
  sources: [FEDERATION, AWI],
  examples: [
    {
      names: NAMES,
      failure: entra(
        700213,
        "No matching federated identity record found for presented assertion subject 'system:serviceaccount:argocd:default'."
      )
    },
    { names: NAMES, failure: entra(7002137) }
  ]
}
