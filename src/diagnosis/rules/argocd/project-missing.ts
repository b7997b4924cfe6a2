import { word } from '../../../core/shell.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_PROJECTS } from '../../sources.ts'
import { kubectl, shown } from '../../words.ts'

export const argocdProjectMissing: Rule<'complaint'> = {
  id: 'argocd/project-missing',
  needs: ['complaint'],
  link: 'application',
  severity: 'error',
  certainty: 'proved',
  explains: ['verification/never-seen'],
  matches: ({ complaint: { phase, whole } }) =>
    phase === 'project' && /referencing project .{1,300} which does not exist/i.test(whole),
  finding: ({ complaint: said, names }) => ({
    summary: `The AppProject ${said.application.project} does not exist: ${shown(said)}`,
    remedy: `create it in ${names.namespace ?? "Argo CD's namespace"}, or correct spec.project of the Application`,
    command: kubectl(said.application, `edit application ${word(said.application.name)}`),
    link: ARGOCD_PROJECTS
  }),
  symptom: 'The Application is Unknown, and Argo CD never contacts the repository.',
  cause: 'The project was deleted or is misspelled.',
  texts: ['Application referencing project', 'which does not exist'],
  sources: [ARGOCD_PROJECTS],
  examples: [
    {
      names: NAMES,
      complaint: complaint('project', 'Application referencing project default which does not exist')
    }
  ]
}
