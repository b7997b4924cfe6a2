/** The objects of an install, in the order in which an installer applies them. */
import { add } from '../kubernetes/new-cluster.ts'
import { kindOf, type Kind, type KubeObject } from '../kubernetes/objects.ts'
import type { Store } from '../kubernetes/store.ts'
import { imageOf, labelsOf, templateLabelsOf } from './labels.ts'
import { repoServerOf, type Install } from './shapes.ts'

/** An install, with the objects of its repo-server as applied. */
export interface Installed {
  readonly install: Install
  readonly deployment: KubeObject
  readonly serviceAccount: KubeObject
}

const CORE = ['repo-server', 'redis', 'applicationset-controller']
const COMPONENTS = [...CORE, 'server', 'dex-server', 'notifications-controller']
const CONFIGURATION = ['argocd-cm', 'argocd-cmd-params-cm', 'argocd-rbac-cm']

export function installArgoCd(store: Store, install: Install): Installed {
  const { namespace, core, owner } = install
  const components = core === true ? CORE : COMPONENTS
  definitions(store, owner)
  add(store, '', 'namespaces', undefined, { name: namespace })
  add(store, '', 'serviceaccounts', namespace, { name: 'default' })
  const resource = owner === 'operator' ? argoCdResource(store, install) : undefined
  for (const component of components) workload(store, install, component, resource)
  add(store, 'apps', 'statefulsets', namespace, ...controller(install))
  for (const component of components.filter((one) => one.endsWith('server')))
    service(store, install, component)
  const labels = { 'app.kubernetes.io/part-of': 'argocd' }
  for (const name of CONFIGURATION) add(store, '', 'configmaps', namespace, { name, labels }, { data: {} })
  const secret = { name: 'argocd-secret', labels }
  add(store, '', 'secrets', namespace, secret, { type: 'Opaque', data: {} })
  add(store, 'argoproj.io', 'appprojects', namespace, { name: 'default' }, DEFAULT_PROJECT)
  if (install.selfManaged !== undefined) ownApplication(store, install)
  const { deployment, serviceAccount } = repoServerOf(install)
  return {
    install,
    deployment: add(store, 'apps', 'deployments', namespace, { name: deployment }),
    serviceAccount: add(store, '', 'serviceaccounts', namespace, { name: serviceAccount })
  }
}

/** Uninstalls like Helm: users' objects in the namespace and the CRDs stay. */
export function uninstallArgoCd(store: Store, { install: { namespace } }: Installed): void {
  for (const [group, resource] of OWNED) {
    const kind = kindOf(group, resource) as Kind
    for (const { metadata } of store.list(kind, namespace))
      if (metadata.labels?.['app.kubernetes.io/part-of'] === 'argocd')
        store.remove(kind, namespace, metadata.name)
  }
}

const OWNED = [
  ['apps', 'deployments'],
  ['apps', 'statefulsets'],
  ['', 'services'],
  ['', 'configmaps'],
  ['', 'serviceaccounts']
] as const

const DEFAULT_PROJECT = {
  spec: {
    sourceRepos: ['*'],
    destinations: [{ namespace: '*', server: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }]
  }
}

function definitions(store: Store, owner: Install['owner']): void {
  const names = [
    'applications',
    'applicationsets',
    'appprojects',
    ...(owner === 'operator' ? ['argocds'] : [])
  ]
  for (const name of names) {
    const metadata = { name: `${name}.argoproj.io` }
    add(store, 'apiextensions.k8s.io', 'customresourcedefinitions', undefined, metadata)
  }
}

function argoCdResource(store: Store, { namespace, release = '' }: Install): KubeObject {
  return add(store, 'argoproj.io', 'argocds', namespace, { name: release }, { spec: { repo: {} } })
}

function workload(store: Store, install: Install, component: string, resource: KubeObject | undefined): void {
  const { namespace, prefix, replicas, owner } = install
  const repoServer = component === 'repo-server'
  const plain = `${prefix}-${component}`
  const names = repoServer ? repoServerOf(install) : { deployment: plain, serviceAccount: plain }
  const labels = labelsOf(install, component)
  const template = templateLabelsOf(install, component)
  const about = (group: string, kind: string, name: string) => ({
    name,
    labels,
    annotations: annotationsOf(install, `${group}/${kind}:${namespace}/${name}`)
  })
  if (owner !== 'operator')
    add(store, '', 'serviceaccounts', namespace, about('', 'ServiceAccount', names.serviceAccount))
  const image = imageOf(install, component)
  const args = ['-n', '/usr/local/bin/argocd', '/var/run/argocd/argocd-cmp-server']
  const copy = { initContainers: [{ name: 'copyutil', image, command: ['/bin/cp'], args }] }
  const chart = owner === 'helm' || owner === 'extension'
  const container = {
    name: ['redis', 'dex-server'].includes(component) || chart ? component : `argocd-${component}`,
    image,
    args: [`/usr/local/bin/argocd-${component}`],
    env: [{ name: 'ARGOCD_RECONCILIATION_TIMEOUT', value: '180s' }]
  }
  const owners = resource && [
    {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      name: resource.metadata.name,
      uid: resource.metadata.uid ?? '',
      controller: true
    }
  ]
  add(
    store,
    'apps',
    'deployments',
    namespace,
    { ...about('apps', 'Deployment', names.deployment), ...(owners ? { ownerReferences: owners } : {}) },
    {
      spec: {
        replicas: repoServer ? replicas : 1,
        selector: { matchLabels: selectorOf(template) },
        strategy: { type: 'RollingUpdate' },
        template: {
          metadata: { labels: template },
          spec: {
            ...(repoServer ? copy : {}),
            automountServiceAccountToken: !repoServer,
            serviceAccountName: owner === 'operator' ? 'default' : names.serviceAccount,
            containers: [container]
          }
        }
      }
    }
  )
}

/** Selectors contain the labels that identify the pods, not those of the installer. */
function selectorOf(template: Readonly<Record<string, string>>): Record<string, string> {
  const identifying = ['app', 'app.kubernetes.io/name', 'app.kubernetes.io/instance']
  return Object.fromEntries(Object.entries(template).filter(([key]) => identifying.includes(key)))
}

/** The owner, as Helm and Argo CD record it on an object. */
function annotationsOf(
  { owner, release, namespace, selfManaged }: Install,
  id: string
): Record<string, string> {
  if (selfManaged !== undefined) return { 'argocd.argoproj.io/tracking-id': `argocd:${id}` }
  if (owner !== 'helm' && owner !== 'extension') return {}
  return { 'meta.helm.sh/release-name': release ?? '', 'meta.helm.sh/release-namespace': namespace }
}

function controller(install: Install): [{ name: string; labels: Record<string, string> }, { spec: unknown }] {
  const component = 'application-controller'
  const args = [`/usr/local/bin/argocd-${component}`]
  const containers = [{ name: `argocd-${component}`, image: imageOf(install, component), args }]
  const labels = templateLabelsOf(install, component)
  const name = `${install.prefix}-${component}`
  return [
    { name, labels: labelsOf(install, component) },
    {
      spec: {
        replicas: 1,
        serviceName: name,
        selector: { matchLabels: selectorOf(labels) },
        template: { metadata: { labels }, spec: { containers } }
      }
    }
  ]
}

function service(store: Store, install: Install, component: string): void {
  const ports =
    component === 'server'
      ? [
          { name: 'http', port: 80, targetPort: 8080 },
          { name: 'https', port: 443, targetPort: 8080 }
        ]
      : [{ name: component, port: component === 'repo-server' ? 8081 : 5556 }]
  const metadata = { name: `${install.prefix}-${component}`, labels: labelsOf(install, component) }
  const selector = selectorOf(templateLabelsOf(install, component))
  add(store, '', 'services', install.namespace, metadata, { spec: { type: 'ClusterIP', ports, selector } })
}

function ownApplication(store: Store, { namespace, selfManaged }: Install): void {
  const syncOptions = [selfManaged === 'replace' ? 'Replace=true' : 'ServerSideApply=true']
  add(
    store,
    'argoproj.io',
    'applications',
    namespace,
    { name: 'argocd' },
    {
      spec: {
        project: 'default',
        source: { repoURL: 'https://github.com/contoso/platform', path: 'argocd', targetRevision: 'HEAD' },
        destination: { server: 'https://kubernetes.default.svc', namespace },
        syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions }
      }
    }
  )
}
