/** Kinds the API serves, and the shape every object has. */
export interface Meta {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  finalizers?: string[]
  generateName?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
  managedFields?: unknown[]
}

export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: Meta
  spec?: unknown
  status?: unknown
  [field: string]: unknown
}

export interface Kind {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly subresources: readonly string[]
}

const kind = (
  groupVersion: string,
  resource: string,
  name: string,
  more: { namespaced?: boolean; short?: readonly string[]; sub?: readonly string[] } = {}
): Kind => {
  const [first = '', second] = groupVersion.split('/')
  return {
    group: second === undefined ? '' : first,
    version: second ?? first,
    resource,
    kind: name,
    namespaced: more.namespaced ?? true,
    shortNames: more.short ?? [],
    subresources: more.sub ?? []
  }
}

export const KINDS: readonly Kind[] = [
  kind('v1', 'namespaces', 'Namespace', { namespaced: false, short: ['ns'] }),
  kind('v1', 'nodes', 'Node', { namespaced: false, short: ['no'] }),
  kind('v1', 'pods', 'Pod', { short: ['po'], sub: ['status', 'log'] }),
  kind('v1', 'secrets', 'Secret'),
  kind('v1', 'configmaps', 'ConfigMap', { short: ['cm'] }),
  kind('v1', 'services', 'Service', { short: ['svc'], sub: ['proxy'] }),
  kind('v1', 'events', 'Event', { short: ['ev'] }),
  kind('v1', 'serviceaccounts', 'ServiceAccount', { short: ['sa'], sub: ['token'] }),
  kind('apps/v1', 'deployments', 'Deployment', { short: ['deploy'], sub: ['status', 'scale'] }),
  kind('apps/v1', 'replicasets', 'ReplicaSet', { short: ['rs'], sub: ['status'] }),
  kind('apps/v1', 'statefulsets', 'StatefulSet', { short: ['sts'], sub: ['status'] }),
  kind('coordination.k8s.io/v1', 'leases', 'Lease'),
  kind('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy', { short: ['netpol'] }),
  kind('discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice'),
  kind('rbac.authorization.k8s.io/v1', 'roles', 'Role'),
  kind('rbac.authorization.k8s.io/v1', 'rolebindings', 'RoleBinding'),
  kind('rbac.authorization.k8s.io/v1', 'clusterroles', 'ClusterRole', { namespaced: false }),
  kind('rbac.authorization.k8s.io/v1', 'clusterrolebindings', 'ClusterRoleBinding', { namespaced: false }),
  kind('admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', {
    namespaced: false
  }),
  kind('apiextensions.k8s.io/v1', 'customresourcedefinitions', 'CustomResourceDefinition', {
    namespaced: false,
    short: ['crd']
  }),
  kind('argoproj.io/v1alpha1', 'applications', 'Application', { short: ['app'] }),
  kind('argoproj.io/v1alpha1', 'applicationsets', 'ApplicationSet', { short: ['appset'] }),
  kind('argoproj.io/v1alpha1', 'appprojects', 'AppProject', { short: ['appproj'] }),
  kind('argoproj.io/v1beta1', 'argocds', 'ArgoCD', { sub: ['status'] }),
  kind('argocd-image-updater.argoproj.io/v1alpha1', 'imageupdaters', 'ImageUpdater', { sub: ['status'] })
]

/** Kinds of Argo CD and of its Image Updater exist only once their CRD is installed. */
export function servedKinds(definitions: {
  find(kind: Kind, namespace: undefined, name: string): unknown
}): readonly Kind[] {
  const crds = kindOf('apiextensions.k8s.io', 'customresourcedefinitions') as Kind
  return KINDS.filter(
    ({ group, resource }) =>
      !group.endsWith('argoproj.io') ||
      definitions.find(crds, undefined, `${resource}.${group}`) !== undefined
  )
}

export function kindOf(group: string, resource: string): Kind | undefined {
  return KINDS.find((one) => one.group === group && one.resource === resource)
}

export function apiVersionOf({ group, version }: Kind): string {
  return group === '' ? version : `${group}/${version}`
}

/** A failure, as the API server reports it. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: object | undefined
  constructor(code: number, reason: string, message: string, details?: object) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }

  body(): unknown {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: withoutBlanks(this.details) }),
      code: this.code
    }
  }
}

/** Omits empty values, as Go does. */
function withoutBlanks(details: object): object {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== ''))
}

export function notFound({ group, resource }: Kind, name: string): StatusError {
  const full = group === '' ? resource : `${resource}.${group}`
  return new StatusError(404, 'NotFound', `${full} "${name}" not found`, { name, group, kind: resource })
}
