import type { Failure } from '../../../core/answered.ts'
import { kubernetes, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { KUBERNETES_ADMISSION } from '../../sources.ts'
import { known } from '../../words.ts'

export const kubernetesNamespaceTerminating: Rule<'failure'> = {
  id: 'kubernetes/namespace-terminating',
  needs: ['failure'],
  link: 'argocd',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isRefusal(failure) && /being terminated/.test(failure.whole),
  finding: ({ failure: { detail }, names }) => ({
    summary: `The namespace is being deleted, so nothing can be created in it: ${detail}`,
    remedy: `wait until it is gone, then install Argo CD again; if it stays, see which finalizers hold it`,
    command: `kubectl get namespace ${known(names.namespace, 'namespace')} -o yaml`
  }),
  symptom: 'Everything can be read, but nothing can be created.',
  cause: 'Somebody deleted the namespace, and a finalizer keeps it.',
  texts: ['because it is being terminated'],
  sources: [KUBERNETES_ADMISSION],
  examples: [
    {
      names: NAMES,
      failure: kubernetes(
        'Forbidden',
        'unable to create new content in namespace argocd because it is being terminated'
      )
    }
  ]
}

function isRefusal({ service, status }: Failure): boolean {
  return service === 'Kubernetes' && [400, 403].includes(status)
}
