import { NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AKS_IDENTITY, AWI } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { known, lines, ofCluster, restart } from '../../words.ts'

export const workloadWebhookMissing: Rule<'webhook'> = {
  id: 'workload/webhook-missing',
  needs: ['webhook'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ webhook }) => !webhook.registered,
  finding: ({ names }) => ({
    summary: 'The cluster has no workload identity webhook, so no pod gets an identity.',
    expected: 'a MutatingWebhookConfiguration of azure-workload-identity',
    actual: 'none',
    remedy:
      'install it: on AKS it is a feature of the cluster, elsewhere the chart azure-workload-identity; then restart the pods',
    command: lines(
      names.resourceGroup === undefined
        ? `helm install workload-identity-webhook azure-workload-identity/workload-identity-webhook -n azure-workload-identity-system --create-namespace --set azureTenantID=${known(names.tenantId, 'tenant id')}`
        : `az aks update ${ofCluster(names)} --enable-workload-identity`,
      restart(names)
    ),
    link: AKS_IDENTITY
  }),
  symptom: 'Label and annotation are right, and the pods still have no AZURE_ variables.',
  cause: 'The add-on is off, or the webhook of azure-workload-identity was never installed or was deleted.',
  texts: ['azure-wi-webhook-mutating-webhook-configuration', 'no client ID specified'],
  sources: [AWI, AKS_IDENTITY],
  examples: [{ names: NAMES, webhook: { registered: false, service: undefined, ready: undefined } }]
}
