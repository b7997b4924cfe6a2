import { word } from '../../../core/shell.ts'
import { safe } from '../../../http/errors.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_NAMESPACES } from '../../sources.ts'
import { kubectl, lines, matched } from '../../words.ts'

export const applicationUnwatchedNamespace: Rule<'connections'> = {
  id: 'application/unwatched-namespace',
  needs: ['connections'],
  link: 'application',
  severity: 'warning',
  certainty: 'likely',
  matches: ({ connections: { applications } }) => applications.some(({ watched }) => !watched),
  finding: ({ connections: { applications }, names }) => {
    const found = matched(applications.find(({ watched }) => !watched))
    return {
      summary: `The Application ${found.namespace}/${found.name} uses the repository, but Argo CD has never looked at it.`,
      expected: `${found.namespace} in application.namespaces and in sourceNamespaces of the project ${found.project}`,
      actual: 'no status',
      remedy: `add ${safe(found.namespace, 63)} to application.namespaces and to sourceNamespaces of the project, then restart Argo CD`,
      command: lines(
        kubectl(names, 'edit configmap argocd-cmd-params-cm'),
        kubectl(names, `edit appproject ${word(found.project)}`),
        kubectl(names, 'rollout restart deployment,statefulset -l app.kubernetes.io/part-of=argocd')
      ),
      link: ARGOCD_NAMESPACES
    }
  },
  symptom: 'The Application has no status at all.',
  cause:
    'Applications outside of the namespace of Argo CD need two permissions: of the installation and of the project.',
  texts: ['application.namespaces', 'sourceNamespaces'],
  sources: [ARGOCD_NAMESPACES],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        applications: [
          {
            namespace: 'team-a',
            name: 'app',
            project: 'default',
            url: SECRET.url,
            watched: false,
            covered: true
          }
        ]
      }
    }
  ]
}
