import { input } from '../../../core/input-name.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES } from '../../sources.ts'
import { shown } from '../../words.ts'

export const argocdCannotRead: Rule<'complaint'> = {
  id: 'argocd/cannot-read',
  needs: ['complaint'],
  link: 'connection',
  severity: 'error',
  certainty: 'likely',
  matches: ({ complaint: { phase } }) => phase === 'reading',
  finding: ({ complaint: said }) => ({
    summary: `Argo CD cannot read the repository: ${shown(said, /TF\d{6}|status code|authentication required|authorization failed|not found/)}`,
    remedy: `run with ${input('mode', 'check')} to see the resource that differs; a Secret or template that Argo CD prefers is shown at connection`
  }),
  symptom: 'The Application is Unknown with an error about refs.',
  cause:
    'Argo CD uses other credentials or none, or Azure Repos does not show the repository to the identity.',
  texts: [
    'failed to list refs',
    'authentication required',
    'authorization failed',
    'repository not found',
    'unexpected client error'
  ],
  sources: [ARGOCD_REPOSITORIES],
  examples: [
    {
      names: NAMES,
      complaint: complaint('reading', 'failed to list refs: authentication required: TF400813')
    }
  ]
}
