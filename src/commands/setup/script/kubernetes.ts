/** The step of an administrator of the cluster. */
import { manifestsOf } from '../kubernetes-role.ts'
import { USUAL_ARGOCD } from '../rights.ts'
import type { Settings } from '../settings.ts'
import { assigned, type Step } from './step.ts'

export function kubernetesSteps({ login, argocdNamespace }: Settings): Step[] {
  const argocd = { ...USUAL_ARGOCD, namespace: argocdNamespace ?? USUAL_ARGOCD.namespace }
  const [role, binding] = manifestsOf({ argocd, name: login.name.toLowerCase(), principalId: 'PRINCIPAL_ID' })
  const manifest = [role, binding].map((one) => JSON.stringify(one, null, 2)).join('\n')
  return [
    {
      for: 'kubernetes',
      order: 95,
      title: `Rights in ${argocd.namespace}; where Argo CD's objects have other names (Helm), change resourceNames`,
      lines: [
        ...assigned('manifest', manifest),
        '# Set PATLESS_KUBECONFIG to use a kubeconfig of your own; kubelogin gets its token from az.',
        'kubeconfig=${PATLESS_KUBECONFIG:-}',
        'if [ -z "$kubeconfig" ]; then',
        '  kubeconfig=$(mktemp)',
        '  az aks get-credentials --resource-group "$cluster_group" --name "$cluster" --file "$kubeconfig" --overwrite-existing',
        '  if command -v kubelogin > /dev/null; then kubelogin convert-kubeconfig -l azurecli --kubeconfig "$kubeconfig"; fi',
        'fi',
        'printf "%s\\n" "${manifest//PRINCIPAL_ID/$pipeline_principal}" | kubectl --kubeconfig "$kubeconfig" apply -f -',
        'if [ -z "${PATLESS_KUBECONFIG:-}" ]; then rm -f "$kubeconfig"; fi'
      ]
    }
  ]
}
