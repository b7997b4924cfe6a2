import { word } from '../../../core/shell.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_PROJECTS } from '../../sources.ts'
import { kubectl, shown } from '../../words.ts'

export const argocdProjectForbidsRepository: Rule<'complaint'> = {
  id: 'argocd/project-forbids-repository',
  needs: ['complaint'],
  link: 'application',
  severity: 'error',
  certainty: 'proved',
  explains: ['verification/never-seen'],
  matches: ({ complaint: { phase, whole } }) =>
    phase === 'project' && /^application (?:repo|referencing|')/i.test(whole),
  finding: ({ complaint: said, names }) => ({
    summary: `The AppProject ${said.application.project} does not permit it: ${shown(said)}`,
    remedy: /^application repo/i.test(said.whole)
      ? 'add the URL to spec.sourceRepos of the AppProject'
      : `add ${said.application.namespace} to spec.sourceNamespaces of the AppProject`,
    command: kubectl(names, `edit appproject ${word(said.application.project)}`),
    link: ARGOCD_PROJECTS
  }),
  symptom: 'The Application is Unknown, and Argo CD never contacts the repository.',
  cause: 'sourceRepos of the project does not list the URL, or denies it with "!".',
  texts: ['is not permitted in project', 'application repo'],
  sources: [ARGOCD_PROJECTS],
  examples: [
    {
      names: NAMES,
      complaint: complaint('project', "application repo https://x is not permitted in project 'default'")
    },
    {
      names: NAMES,
      complaint: complaint(
        'project',
        "application 'app' in namespace 'apps' is not permitted to use project 'default'"
      )
    }
  ]
}
