import { word } from '../../../core/shell.ts'
import { safe } from '../../../http/errors.ts'
import { CONNECTIONS, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_DECLARATIVE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { kubectl, matched } from '../../words.ts'

export const connectionSecretUnlabelled: Rule<'connections'> = {
  id: 'connection/secret-unlabelled',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_CONNECTION, 'connection/name-taken'],
  matches: ({ connections: { ignored, namespace } }) => ignored.some((one) => one.namespace === namespace),
  finding: ({ connections: { ignored, namespace }, names }) => {
    const found = matched(ignored.find((one) => one.namespace === namespace))
    return {
      summary: `The Secret ${found.name} looks like the connection, but Argo CD does not read it: its label argocd.argoproj.io/secret-type is ${found.label === undefined ? 'missing' : safe(found.label, 60)}.`,
      expected: 'argocd.argoproj.io/secret-type: repository',
      actual: safe(found.label ?? 'none', 60),
      remedy: 'give it the label',
      command: kubectl(
        names,
        `label --overwrite secret ${word(found.name)} argocd.argoproj.io/secret-type=repository`
      ),
      link: ARGOCD_DECLARATIVE
    }
  },
  symptom: 'The Secret exists, and Argo CD does not list the repository.',
  cause: 'Argo CD finds Secrets by the label only.',
  texts: [
    'argocd.argoproj.io/secret-type',
    'doesn\'t have the proper "argocd.argoproj.io/secret-type" label'
  ],
  sources: [ARGOCD_DECLARATIVE],
  examples: [
    {
      names: NAMES,
      connections: { ...CONNECTIONS, ignored: [{ namespace: 'argocd', name: 'repo-8236907', label: 'repo' }] }
    },
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        ignored: [{ namespace: 'argocd', name: 'repo-8236907', label: undefined }]
      }
    }
  ]
}
