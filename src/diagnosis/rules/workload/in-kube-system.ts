import { input } from '../../../core/input-name.ts'
import type { Pod } from '../../evidence.ts'
import { NAMES, PLAIN_POD, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'

export const workloadInKubeSystem: Rule<'workload'> = {
  id: 'workload/in-kube-system',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'likely',
  explains: OF_PODS,
  matches: ({ workload: { namespace, pods } }) => namespace === 'kube-system' && pods.some(isPlain),
  finding: ({ names }) => ({
    summary:
      'The repo-server runs in kube-system: the admission enforcer of AKS keeps webhooks away from it.',
    expected: 'a namespace of its own',
    actual: 'kube-system',
    remedy: `install Argo CD in a namespace of its own, and set ${input('argocd-namespace', 'argocd')}; then run with ${input('mode', 'apply')} on cluster ${names.cluster ?? ''}`,
    command: 'kubectl create namespace argocd',
    link: AWI
  }),
  symptom: 'Pods in kube-system never get AZURE_ variables.',
  cause: 'AKS excludes kube-system from admission webhooks.',
  texts: ['admissions.enforcer/disabled', 'kube-system'],
  sources: [AWI],
  examples: [{ names: NAMES, workload: { ...WORKLOAD, namespace: 'kube-system', pods: [PLAIN_POD] } }]
}

function isPlain({ environment }: Pod): boolean {
  return !('AZURE_FEDERATED_TOKEN_FILE' in environment)
}
