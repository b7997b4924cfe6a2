import { word } from '../../../core/shell.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_SOURCE } from '../../sources.ts'
import { shown } from '../../words.ts'

export const argocdClusterUnreachable: Rule<'complaint'> = {
  id: 'argocd/cluster-unreachable',
  needs: ['complaint'],
  link: 'application',
  severity: 'error',
  certainty: 'proved',
  explains: ['verification/never-seen'],
  matches: ({ complaint: { phase } }) => phase === 'cluster',
  finding: ({ complaint: said }) => ({
    summary: `Argo CD cannot work with the destination cluster of the Application ${said.application.namespace}/${said.application.name}: ${shown(said)}`,
    remedy: 'see its cluster, and spec.destination',
    command: `kubectl -n ${word(said.application.namespace)} describe application ${word(said.application.name)}`
  }),
  symptom: 'The Application is Unknown although the repository can be read.',
  cause: 'The destination cluster does not answer, or its credentials have expired.',
  texts: ['Failed to load live state', 'failed to get cluster info', 'error synchronizing cache state'],
  sources: [ARGOCD_SOURCE],
  examples: [
    { names: NAMES, complaint: complaint('cluster', 'Failed to load live state: failed to get cluster info') }
  ]
}
