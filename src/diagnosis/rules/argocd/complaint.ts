import { word } from '../../../core/shell.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_SOURCE } from '../../sources.ts'
import { shown } from '../../words.ts'

export const argocdComplaint: Rule<'complaint'> = {
  id: 'argocd/complaint',
  needs: ['complaint'],
  link: 'application',
  severity: 'error',
  certainty: 'likely',
  matches: ({ complaint: { phase } }) => phase === 'unknown',
  finding: ({ complaint: said }) => ({
    summary: `Argo CD's Application ${said.application.namespace}/${said.application.name} reports an error that Patless cannot judge: ${shown(said)}`,
    remedy: 'see what Argo CD reports, and the log of its application controller',
    command: `kubectl -n ${word(said.application.namespace)} describe application ${word(said.application.name)}`
  }),
  symptom: 'An Application reports a text that Patless does not know.',
  cause: 'The text does not say what Argo CD was doing.',
  texts: ['ComparisonError', 'UnknownError'],
  sources: [ARGOCD_SOURCE],
  examples: [{ names: NAMES, complaint: complaint('unknown', 'something new') }]
}
