import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_SOURCE } from '../../sources.ts'
import { kubectl, shown } from '../../words.ts'

export const argocdReadsNothing: Rule<'complaint'> = {
  id: 'argocd/reads-nothing',
  needs: ['complaint'],
  link: 'argocd',
  severity: 'error',
  certainty: 'proved',
  matches: ({ complaint: { phase } }) => phase === 'installation',
  finding: ({ complaint: said, names }) => ({
    summary: `Argo CD reads no repository at all: ${shown(said)}`,
    remedy: `correct what the text names (a credential template of type helm or oci that does not parse breaks every Application), or see whether its repo-server runs`,
    command: kubectl(names, 'get pods')
  }),
  symptom: 'Every Application is Unknown.',
  cause: 'The repo-server does not run, or Argo CD cannot parse a Secret that it reads before any source.',
  texts: [
    'failed to list Helm repositories',
    'connect: connection refused',
    'failed to connect to repo server'
  ],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      complaint: complaint(
        'installation',
        'connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.1:8081: connect: connection refused"'
      )
    }
  ]
}
