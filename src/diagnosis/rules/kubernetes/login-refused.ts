import { kubernetes, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { KUBERNETES_RBAC } from '../../sources.ts'

export const kubernetesLoginRefused: Rule<'failure'> = {
  id: 'kubernetes/login-refused',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure: { service, status } }) => service === 'Kubernetes' && status === 401,
  finding: () => ({
    summary: 'The cluster does not accept the login.',
    remedy:
      'bind the login to a role in the cluster (docs/permissions/kubernetes-role.yaml), or set a kubeconfig whose login is valid'
  }),
  symptom: 'The API server answers 401.',
  cause: 'The token is of another tenant or application, or a token in the kubeconfig has expired.',
  texts: [
    'Unauthorized',
    'You must be logged in to the server',
    'the server has asked for the client to provide credentials'
  ],
  sources: [KUBERNETES_RBAC],
  examples: [{ names: NAMES, failure: kubernetes('Unauthorized', 'Unauthorized', { status: 401 }) }]
}
