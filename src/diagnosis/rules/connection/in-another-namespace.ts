import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_DECLARATIVE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { kubectl, matched } from '../../words.ts'

export const connectionInAnotherNamespace: Rule<'connections'> = {
  id: 'connection/in-another-namespace',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'likely',
  explains: OF_CONNECTION,
  matches: ({ connections: { ignored, namespace, urls } }) =>
    urls.some(({ login }) => login !== 'workload identity') &&
    ignored.some((one) => one.namespace !== namespace),
  finding: ({ connections: { ignored, namespace } }) => {
    const found = matched(ignored.find((one) => one.namespace !== namespace))
    return {
      summary: `The Secret ${found.namespace}/${found.name} is a connection for Argo CD, but Argo CD reads only those in ${namespace}.`,
      expected: namespace,
      actual: found.namespace,
      remedy: `run with ${input('mode', 'apply')} to connect the repository, then delete the other one`,
      command: kubectl({ namespace: found.namespace }, `delete secret ${word(found.name)}`),
      link: ARGOCD_DECLARATIVE
    }
  },
  symptom: 'The Secret exists with the right label, and Argo CD does not list the repository.',
  cause: 'Argo CD reads Secrets in its own namespace only, even for Applications in other namespaces.',
  texts: ['authentication required', 'repository not found'],
  sources: [ARGOCD_DECLARATIVE],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        urls: [{ url: SECRET.url, login: 'nothing', by: undefined, rivals: [] }],
        ignored: [{ namespace: 'default', name: 'repo-8236907', label: 'repository' }]
      }
    }
  ]
}
