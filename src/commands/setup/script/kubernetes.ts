/** The step of an administrator of the cluster. */
import { manifestsOf } from '../kubernetes-role.ts'
import { USUAL_ARGOCD } from '../rights.ts'
import type { Settings } from '../settings.ts'
import { assigned, type Step } from './step.ts'

export function kubernetesSteps({ login, argocdNamespace }: Settings): Step[] {
  const argocd = { ...USUAL_ARGOCD, namespace: argocdNamespace ?? USUAL_ARGOCD.namespace }
  const name = login.name.toLowerCase()
  const [role, binding] = manifestsOf({ argocd, name, principalId: 'PRINCIPAL_ID' })
  const manifest = [role, binding].map((one) => JSON.stringify(one, null, 2)).join('\n')
  return [
    {
      for: 'kubernetes',
      order: 95,
      tenant: 'cluster',
      title: `Rights in ${argocd.namespace}; where Argo CD's objects have other names (Helm), change resourceNames`,
      lines: [
        ...assigned('manifest', manifest),
        'azure_rbac=$(az aks show --resource-group "$cluster_group" --name "$cluster" --query aadProfile.enableAzureRbac --output tsv || true)',
        'if [ "$azure_rbac" = true ]; then',
        '  echo "The cluster authorizes by Azure RBAC: the part of the Azure administrator gives these rights" >&2',
        'else',
        '  # Set PATLESS_KUBECONFIG to use a kubeconfig of your own; kubelogin gets its token from az.',
        '  kubeconfig=${PATLESS_KUBECONFIG:-}',
        '  if [ -z "$kubeconfig" ]; then',
        '    kubeconfig=$(mktemp)',
        '    az aks get-credentials --resource-group "$cluster_group" --name "$cluster" --file "$kubeconfig" --overwrite-existing',
        '    if command -v kubelogin > /dev/null; then kubelogin convert-kubeconfig -l azurecli --kubeconfig "$kubeconfig"; fi',
        '  fi',
        '  for kind in role rolebinding; do',
        `    found=$(kubectl --kubeconfig "$kubeconfig" get "$kind" ${name} --namespace ${argocd.namespace} --ignore-not-found --output 'jsonpath={.metadata.name} {.metadata.labels.app\\.kubernetes\\.io/managed-by}')`,
        `    if [ -n "$found" ] && [ "$found" != '${name} patless' ]; then`,
        `      echo "There is a $kind ${name} that Patless did not make: choose another name with --login-name" >&2; exit 1`,
        '    fi',
        '  done',
        '  printf "%s\\n" "${manifest//PRINCIPAL_ID/$pipeline_principal}" | kubectl --kubeconfig "$kubeconfig" apply -f -',
        '  if [ -z "${PATLESS_KUBECONFIG:-}" ]; then rm -f "$kubeconfig"; fi',
        'fi'
      ]
    }
  ]
}
