/** An AKS cluster before anything is installed: nodes, namespaces, the workload identity add-on. */
import { kindOf, type Kind, type KubeObject, type Meta } from './objects.ts'
import type { Store } from './store.ts'

/** The nodes of the agent pools in ARM: three for the system, four for applications. */
const NODES = ['system-0', 'system-1', 'system-2', 'apps-0', 'apps-1', 'apps-2', 'apps-3']

export const WEBHOOK_SERVICE = 'azure-wi-webhook-webhook-service'

export function makeCluster(store: Store): void {
  for (const name of ['default', 'kube-system']) {
    add(store, '', 'namespaces', undefined, { name })
    add(store, '', 'serviceaccounts', name, { name: 'default' })
  }
  for (const node of NODES) add(store, '', 'nodes', undefined, { name: `aks-${node}` })
  add(
    store,
    'admissionregistration.k8s.io',
    'mutatingwebhookconfigurations',
    undefined,
    { name: 'azure-wi-webhook-mutating-webhook-configuration' },
    {
      webhooks: [
        {
          name: 'mutation.azure-workload-identity.io',
          clientConfig: {
            service: { namespace: 'kube-system', name: WEBHOOK_SERVICE, path: '/mutate-v1-pod' }
          },
          failurePolicy: 'Fail',
          objectSelector: { matchLabels: { 'azure.workload.identity/use': 'true' } }
        }
      ]
    }
  )
  add(
    store,
    'discovery.k8s.io',
    'endpointslices',
    'kube-system',
    { name: `${WEBHOOK_SERVICE}-1`, labels: { 'kubernetes.io/service-name': WEBHOOK_SERVICE } },
    {
      addressType: 'IPv4',
      endpoints: ['10.0.0.4', '10.0.0.5'].map((address) => ({
        addresses: [address],
        conditions: { ready: true }
      }))
    }
  )
}

/** Creates the object unless it exists. @returns the stored object */
export function add(
  store: Store,
  group: string,
  resource: string,
  namespace: string | undefined,
  metadata: Meta,
  more: Readonly<Record<string, unknown>> = {}
): KubeObject {
  const kind = kindOf(group, resource) as Kind
  const found = store.find(kind, namespace, metadata.name)
  return found ?? store.create(kind, namespace, { apiVersion: '', kind: kind.kind, metadata, ...more })
}
