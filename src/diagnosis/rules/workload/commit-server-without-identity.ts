import { NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_SOURCE } from '../../sources.ts'
import { known, kubectl } from '../../words.ts'

export const workloadCommitServerWithoutIdentity: Rule<'commitServer'> = {
  id: 'workload/commit-server-without-identity',
  needs: ['commitServer'],
  link: 'workload',
  severity: 'warning',
  certainty: 'proved',
  matches: ({ commitServer: { writes, hasIdentity } }) => writes && !hasIdentity,
  finding: ({ commitServer: { deployment }, names }) => ({
    summary: `A repository-write Secret asks for workload identity, but the pods of ${deployment} carry none: the hydrator cannot push.`,
    expected: 'label, annotation and a federated credential for its service account',
    actual: 'no label',
    remedy: `${kubectl(names, `patch deploy/${known(deployment, 'deployment')} --type merge -p '{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}'`)}, annotate its service account, add a federated credential for it, and grant Contribute`,
    link: ARGOCD_SOURCE
  }),
  symptom: 'The hydrator reports "no client ID specified", while reading works.',
  cause: 'The commit server is a pod of its own with a service account of its own.',
  texts: ['no client ID specified', 'commit-server', 'repository-write'],
  sources: [ARGOCD_SOURCE],
  examples: [
    { names: NAMES, commitServer: { deployment: 'argocd-commit-server', writes: true, hasIdentity: false } }
  ]
}
