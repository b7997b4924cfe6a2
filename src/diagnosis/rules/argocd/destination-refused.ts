import { word } from '../../../core/shell.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_PROJECTS } from '../../sources.ts'
import { kubectl, shown } from '../../words.ts'

export const argocdDestinationRefused: Rule<'complaint'> = {
  id: 'argocd/destination-refused',
  needs: ['complaint'],
  link: 'application',
  severity: 'error',
  certainty: 'proved',
  explains: ['verification/never-seen'],
  matches: ({ complaint: { phase } }) => phase === 'project',
  finding: ({ complaint: said, names }) => ({
    summary: `Argo CD does not accept the destination: ${shown(said)}`,
    remedy:
      'permit the destination in spec.destinations of the AppProject, or register its cluster with Argo CD',
    command: kubectl(names, `edit appproject ${word(said.application.project)}`),
    link: ARGOCD_PROJECTS
  }),
  symptom: 'The Application is Unknown, and Argo CD never contacts the repository.',
  cause: 'The project does not permit the destination, or Argo CD does not know the cluster.',
  texts: [
    'do not match any of the allowed destinations in project',
    'there are no clusters with this name',
    'error getting cluster by name'
  ],
  sources: [ARGOCD_PROJECTS],
  examples: [
    {
      names: NAMES,
      complaint: complaint(
        'project',
        "application destination server 'https://kubernetes.default.svc' and namespace 'default' do not match any of the allowed destinations in project 'default'"
      )
    }
  ]
}
