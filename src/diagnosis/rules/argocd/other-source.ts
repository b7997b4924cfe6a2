import { input } from '../../../core/input-name.ts'
import { word } from '../../../core/shell.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_SOURCE } from '../../sources.ts'
import { kubectl, shown } from '../../words.ts'

export const argocdOtherSource: Rule<'complaint'> = {
  id: 'argocd/other-source',
  needs: ['complaint'],
  link: 'application',
  severity: 'error',
  certainty: 'proved',
  explains: ['verification/never-seen'],
  matches: ({ complaint: { phase } }) => phase === 'other source',
  finding: ({ complaint: said }) => ({
    summary: `The Application ${said.application.namespace}/${said.application.name} cannot read another of its sources: ${shown(said)}`,
    remedy: `add its URL to ${input('repository-url')}, or remove it from the Application`,
    command: kubectl(said.application, `edit application ${word(said.application.name)}`)
  }),
  symptom: 'An Application with several sources or submodules is Unknown.',
  cause: 'Another repository of the Application is not connected.',
  texts: ['for source 2 of 2', 'failed to get ref sources', 'git submodule'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      complaint: complaint(
        'other source',
        'failed to generate manifest for source 2 of 2: authentication required'
      )
    }
  ]
}
