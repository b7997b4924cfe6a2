import { input } from '../../../core/input-name.ts'
import { kubernetes, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { KUBERNETES_RBAC } from '../../sources.ts'

export const kubernetesRightMissing: Rule<'failure'> = {
  id: 'kubernetes/right-missing',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure: { service, status } }) => service === 'Kubernetes' && status === 403,
  finding: ({ failure: { detail } }) => ({
    summary: `The login is missing a permission in the cluster: ${detail}`,
    remedy: `grant it (docs/permissions/kubernetes-role.yaml); with ${input('argocd-namespace')} set, permissions in that namespace are enough`
  }),
  symptom: 'The API server answers 403.',
  cause: 'No role that is bound to the login allows the verb on the resource.',
  texts: ['is forbidden: User', 'cannot list resource', 'cannot create resource'],
  sources: [KUBERNETES_RBAC],
  examples: [
    {
      names: NAMES,
      failure: kubernetes('Forbidden', 'pods is forbidden: User "x" cannot list resource "pods"')
    }
  ]
}
