/** A cluster with Argo CD as its upstream manifests install it, and the workload identity add-on. */
import { kindOf, type Kind, type KubeObject, type Meta } from './objects.ts'
import type { Store } from './store.ts'

export interface Install {
  readonly namespace: string
  /** Prefix of names: `argocd` upstream, `argo-cd-argocd` for a Helm release argo-cd. */
  readonly prefix: string
  readonly version: string
  readonly replicas: number
  readonly helmRelease?: string
}

export const UPSTREAM: Install = { namespace: 'argocd', prefix: 'argocd', version: 'v3.2.0', replicas: 1 }

const COMPONENTS = [
  'repo-server',
  'server',
  'redis',
  'applicationset-controller',
  'dex-server',
  'notifications-controller'
] as const

export function installCluster(store: Store): void {
  for (const name of ['default', 'kube-system']) {
    add(store, '', 'namespaces', undefined, { name })
    add(store, '', 'serviceaccounts', name, { name: 'default' })
  }
  add(store, '', 'nodes', undefined, { name: 'aks-system-0' })
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
          failurePolicy: 'Fail',
          objectSelector: { matchLabels: { 'azure.workload.identity/use': 'true' } }
        }
      ]
    }
  )
  for (const name of ['applications', 'applicationsets', 'appprojects']) {
    add(store, 'apiextensions.k8s.io', 'customresourcedefinitions', undefined, {
      name: `${name}.argoproj.io`
    })
  }
}

export function installArgoCd(store: Store, install: Install): void {
  const { namespace, prefix, version, replicas, helmRelease } = install
  add(store, '', 'namespaces', undefined, { name: namespace })
  add(store, '', 'serviceaccounts', namespace, { name: 'default' })
  for (const component of COMPONENTS) {
    const name = `${prefix}-${component}`
    const own = { 'app.kubernetes.io/name': helmRelease === undefined ? name : `argocd-${component}` }
    const helm =
      helmRelease === undefined
        ? {}
        : {
            'app.kubernetes.io/instance': helmRelease,
            'app.kubernetes.io/managed-by': 'Helm',
            'helm.sh/chart': 'argo-cd-10.1.1'
          }
    const labels = {
      ...own,
      ...helm,
      'app.kubernetes.io/component': component,
      'app.kubernetes.io/part-of': 'argocd'
    }
    const annotations =
      helmRelease === undefined
        ? {}
        : { 'meta.helm.sh/release-name': helmRelease, 'meta.helm.sh/release-namespace': namespace }
    add(store, '', 'serviceaccounts', namespace, { name, labels, annotations })
    const image =
      component === 'redis'
        ? 'public.ecr.aws/docker/library/redis:8.2.2-alpine'
        : component === 'dex-server'
          ? 'ghcr.io/dexidp/dex:v2.43.0'
          : `quay.io/argoproj/argocd:${version}`
    const selector = {
      ...own,
      ...(helmRelease === undefined ? {} : { 'app.kubernetes.io/instance': helmRelease })
    }
    const copy =
      component === 'repo-server'
        ? {
            initContainers: [
              {
                name: 'copyutil',
                image,
                command: ['/bin/cp'],
                args: ['-n', '/usr/local/bin/argocd', '/var/run/argocd/argocd-cmp-server']
              }
            ]
          }
        : {}
    add(
      store,
      'apps',
      'deployments',
      namespace,
      { name, labels, annotations },
      {
        spec: {
          replicas: component === 'repo-server' ? replicas : 1,
          selector: { matchLabels: selector },
          strategy: { type: 'RollingUpdate' },
          template: {
            // Upstream's pods carry the name only; the part-of label is on the Deployment.
            metadata: { labels: helmRelease === undefined ? selector : labels },
            spec: {
              ...copy,
              automountServiceAccountToken: component !== 'repo-server',
              serviceAccountName: name,
              containers: [
                {
                  name:
                    component === 'redis'
                      ? 'redis'
                      : component === 'dex-server'
                        ? 'dex'
                        : `${component === 'repo-server' ? 'argocd-' : 'argocd-'}${component}`,
                  image,
                  args: [`/usr/local/bin/argocd-${component}`],
                  env: [{ name: 'ARGOCD_RECONCILIATION_TIMEOUT', value: '180s' }]
                }
              ]
            }
          }
        }
      }
    )
  }
  add(
    store,
    'apps',
    'statefulsets',
    namespace,
    {
      name: `${prefix}-application-controller`,
      labels: {
        'app.kubernetes.io/component': 'application-controller',
        'app.kubernetes.io/part-of': 'argocd'
      }
    },
    {
      spec: {
        replicas: 1,
        template: {
          spec: {
            containers: [
              { name: 'argocd-application-controller', image: `quay.io/argoproj/argocd:${version}` }
            ]
          }
        }
      }
    }
  )
  const partOf = { 'app.kubernetes.io/part-of': 'argocd' }
  for (const name of ['argocd-cm', 'argocd-cmd-params-cm', 'argocd-rbac-cm'])
    add(store, '', 'configmaps', namespace, { name, labels: partOf }, { data: {} })
  add(
    store,
    '',
    'secrets',
    namespace,
    { name: 'argocd-secret', labels: partOf },
    { type: 'Opaque', data: {} }
  )
  add(
    store,
    'argoproj.io',
    'appprojects',
    namespace,
    { name: 'default' },
    {
      spec: {
        sourceRepos: ['*'],
        destinations: [{ namespace: '*', server: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }]
      }
    }
  )
}

function add(
  store: Store,
  group: string,
  resource: string,
  namespace: string | undefined,
  metadata: Meta,
  more: Readonly<Record<string, unknown>> = {}
): void {
  const kind = kindOf(group, resource) as Kind
  if (store.find(kind, namespace, metadata.name)) return
  const object: KubeObject = { apiVersion: '', kind: kind.kind, metadata, ...more }
  store.create(kind, namespace, object)
}
