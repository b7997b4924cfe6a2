import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { safe } from '../../../http/errors.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, argocdIssue } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { matched, patch } from '../../words.ts'

export const connectionTypeNotGit: Rule<'connections'> = {
  id: 'connection/type-not-git',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { secrets } }) => secrets.some(({ type }) => !['', 'git'].includes(type)),
  finding: ({ connections: { secrets }, names }) => {
    const found = matched(secrets.find(({ type }) => !['', 'git'].includes(type)))
    return {
      summary: `The Secret ${found.name} has the type ${safe(found.type, 40)} for a git URL.`,
      expected: 'git',
      actual: safe(found.type, 40),
      remedy: `run with ${input('mode', 'apply')}, or set the type`,
      command: patch(names, `secret ${word(found.name)}`, { stringData: { type: 'git' } }),
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'Argo CD looks for an index of charts, or ignores workload identity.',
  cause: 'The Secret was copied from that of a chart repository. type: oci ignores useAzureWorkloadIdentity.',
  texts: ['index.yaml', 'unsupported', 'failed to get index'],
  sources: [argocdIssue(26045)],
  examples: [{ names: NAMES, connections: { ...CONNECTIONS, secrets: [{ ...SECRET, type: 'helm' }] } }]
}
