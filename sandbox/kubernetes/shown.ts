/** The cluster for `GET /state`. */
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import type { Installed } from '../argocd/manifests.ts'
import { kindOf, type Kind } from './objects.ts'
import type { Store } from './store.ts'

/** For Secrets only names, labels, key names and values that are not credentials. */
export function shown(store: Store, installed: readonly Installed[]): unknown {
  const list = (group: string, resource: string) => store.list(kindOf(group, resource) as Kind)
  const plain = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : Buffer.from(value, 'base64').toString()
  return {
    installed: installed.map(({ install: { shape, namespace, version, extensionVersion } }) => ({
      shape,
      namespace,
      version,
      extensionVersion
    })),
    serviceAccounts: list('', 'serviceaccounts').map(({ metadata: { namespace, name, annotations } }) => ({
      namespace,
      name,
      annotations
    })),
    deployments: list('apps', 'deployments').map((one) => {
      const { metadata, spec, status } = one as unknown as V1Deployment
      return {
        namespace: metadata?.namespace,
        name: metadata?.name,
        generation: metadata?.generation,
        replicas: spec?.replicas,
        templateLabels: spec?.template.metadata?.labels,
        serviceAccount: spec?.template.spec?.serviceAccountName,
        status
      }
    }),
    pods: list('', 'pods').map((one) => {
      const { metadata, spec, status } = one as unknown as V1Pod
      return {
        namespace: metadata?.namespace,
        name: metadata?.name,
        labels: metadata?.labels,
        phase: status?.phase,
        env: Object.fromEntries((spec?.containers ?? []).map(({ name, env }) => [name, env ?? []]))
      }
    }),
    applications: list('argoproj.io', 'applications').map(({ metadata, spec, status }) => ({
      namespace: metadata.namespace,
      name: metadata.name,
      labels: metadata.labels,
      annotations: metadata.annotations,
      spec,
      status
    })),
    secrets: list('', 'secrets').map(({ metadata: { namespace, name, labels }, data }) => {
      const fields = (data ?? {}) as Record<string, string>
      return {
        namespace,
        name,
        labels,
        keys: Object.keys(fields),
        url: plain(fields['url']),
        project: plain(fields['project']),
        type: plain(fields['type']),
        useAzureWorkloadIdentity: plain(fields['useAzureWorkloadIdentity'])
      }
    })
  }
}
