/**
 * The table of all rights that Patless uses: those that each resource needs to read and to write. The pre-check
 * (missing-rights.ts) asks the services about the rights of the due writes; a test compares the files under
 * docs/permissions with this table.
 */
import { CONFIGURATION } from '../argocd/discovery.ts'
import type { Instance } from '../argocd/instance.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import { ASKING, CLUSTER_OPERATIONS } from '../services/azure/roles.ts'

export interface KubernetesNeed {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  /** The only object that needs the right, where Kubernetes can limit it by name. */
  readonly object?: 'account' | 'deployment'
  /** The same, where the name is fixed. */
  readonly named?: string
}

/** Needed only where the provider of extensions is not registered, which is a separate difference. */
export const REGISTER = 'Microsoft.KubernetesConfiguration/register/action'

/** The Lease that a migration holds. */
export const LEASE = 'patless-migration'

interface Needs {
  readonly arm?: readonly string[]
  readonly kubernetes?: readonly KubernetesNeed[]
  readonly devops?: true
}

const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const CLUSTERS = 'Microsoft.ContainerService/managedClusters'
/** In place of the first two, for a cluster that Azure Arc connects. */
const CONNECTED = 'Microsoft.Kubernetes/connectedClusters/read'
/** In place of the second, for a cluster that is reached through commands. */
const COMMANDS = [`${CLUSTERS}/runcommand/action`, `${CLUSTERS}/commandResults/read`]
const EXTENSIONS = 'Microsoft.KubernetesConfiguration/extensions'
const ASSIGNMENTS = 'Microsoft.Authorization/roleAssignments'
const APPLICATIONS = { group: 'argoproj.io', resource: 'applications' } as const

export const READS: Readonly<Partial<Record<ResourceKind | 'verification', Needs>>> = {
  cluster: {
    arm: [`${CLUSTERS}/read`, `${CLUSTERS}/listClusterUserCredential/action`, CONNECTED, ...COMMANDS]
  },
  identity: { arm: [`${IDENTITIES}/read`] },
  'federated-credential': { arm: [`${IDENTITIES}/federatedIdentityCredentials/read`] },
  argocd: {
    arm: [`${EXTENSIONS}/read`],
    kubernetes: [
      { verb: 'list', group: 'apps', resource: 'deployments' },
      // Evidence that a Deployment is Argo CD; needed until the identity trusts its service account.
      { verb: 'list', group: 'apps', resource: 'statefulsets' },
      { verb: 'list', group: '', resource: 'services' },
      { verb: 'get', group: '', resource: 'configmaps', named: CONFIGURATION }
    ]
  },
  workload: {
    kubernetes: [
      { verb: 'get', group: '', resource: 'serviceaccounts', object: 'account' },
      { verb: 'get', group: 'apps', resource: 'deployments', object: 'deployment' },
      { verb: 'list', group: '', resource: 'pods' },
      { verb: 'get', group: 'argoproj.io', resource: 'argocds' }
    ]
  },
  connection: {
    kubernetes: [
      { verb: 'list', group: '', resource: 'secrets' },
      { verb: 'list', ...APPLICATIONS },
      { verb: 'list', group: 'argoproj.io', resource: 'applicationsets' }
    ]
  },
  registry: { arm: ['Microsoft.ContainerRegistry/registries/read', `${ASSIGNMENTS}/read`] },
  charts: {
    kubernetes: [
      { verb: 'list', group: '', resource: 'secrets' },
      { verb: 'list', ...APPLICATIONS }
    ]
  },
  application: { kubernetes: [{ verb: 'get', ...APPLICATIONS }] },
  verification: {
    kubernetes: [
      {
        verb: 'create',
        group: '',
        resource: 'serviceaccounts',
        subresource: 'token',
        object: 'account'
      }
    ]
  }
}

/** Apply watches the rollout, so it also needs `get`. */
const ROLLOUT: readonly KubernetesNeed[] = [
  { verb: 'patch', group: 'apps', resource: 'deployments', object: 'deployment' },
  { verb: 'get', group: 'apps', resource: 'deployments', object: 'deployment' }
]

/** How the pods get the identity depends on who owns them. */
export const WORKLOAD: Readonly<Record<Instance['configuration'], Needs>> = {
  manifests: {
    kubernetes: [{ verb: 'patch', group: '', resource: 'serviceaccounts', object: 'account' }, ...ROLLOUT]
  },
  operator: {
    kubernetes: [
      { verb: 'create', group: '', resource: 'serviceaccounts' },
      { verb: 'patch', group: '', resource: 'serviceaccounts', object: 'account' },
      ...ROLLOUT,
      { verb: 'patch', group: 'argoproj.io', resource: 'argocds' }
    ]
  },
  extension: {
    arm: [`${EXTENSIONS}/write`],
    kubernetes: ROLLOUT
  }
}

export const WRITES: Readonly<Partial<Record<Exclude<ResourceKind, 'workload'>, Needs>>> = {
  cluster: { arm: [`${CLUSTERS}/write`] },
  identity: { arm: [`${IDENTITIES}/write`] },
  argocd: { arm: [`${EXTENSIONS}/write`] },
  'federated-credential': { arm: [`${IDENTITIES}/federatedIdentityCredentials/write`] },
  entitlement: { devops: true },
  permission: { devops: true },
  registry: { arm: [`${ASSIGNMENTS}/write`] },
  connection: {
    kubernetes: [
      { verb: 'create', group: '', resource: 'secrets' },
      { verb: 'patch', group: '', resource: 'secrets' }
    ]
  },
  charts: {
    kubernetes: [
      { verb: 'create', group: '', resource: 'secrets' },
      { verb: 'patch', group: '', resource: 'secrets' }
    ]
  },
  application: {
    kubernetes: [
      { verb: 'create', ...APPLICATIONS },
      { verb: 'patch', ...APPLICATIONS }
    ]
  }
}

/** The rights of `mode: remove`, in addition to those it reads with. */
export const REMOVES: typeof WRITES = {
  identity: { arm: [`${IDENTITIES}/delete`] },
  'federated-credential': { arm: [`${IDENTITIES}/federatedIdentityCredentials/delete`] },
  entitlement: { devops: true },
  permission: { devops: true },
  registry: { arm: [`${ASSIGNMENTS}/delete`] },
  connection: { kubernetes: [{ verb: 'delete', group: '', resource: 'secrets' }] },
  charts: { kubernetes: [{ verb: 'delete', group: '', resource: 'secrets' }] },
  application: { kubernetes: [{ verb: 'delete', ...APPLICATIONS }] }
}

const LEASES = { group: 'coordination.k8s.io', resource: 'leases' } as const

/** The rights of the modes that move Secrets, in addition to those of apply; a rollback needs nothing else. */
export const MIGRATES: readonly KubernetesNeed[] = [
  ...['list', 'create', 'patch', 'delete'].map((verb) => ({ verb, group: '', resource: 'secrets' })),
  { verb: 'create', ...LEASES },
  ...['get', 'patch', 'delete'].map((verb) => ({ verb, ...LEASES, named: LEASE })),
  ...['list', 'get', 'create', 'patch', 'delete'].map((verb) => ({ verb, ...APPLICATIONS }))
]

/** What an audit, and a migration, also read of programs beside Argo CD. Without them, a warning says what was not seen. */
export const CONSUMERS: readonly KubernetesNeed[] = [
  { verb: 'list', group: 'argocd-image-updater.argoproj.io', resource: 'imageupdaters' },
  { verb: 'get', group: '', resource: 'configmaps', named: 'argocd-notifications-cm' }
]

/** Rights of the verification through Argo CD. The pre-check skips them: without them it is `inconclusive`. */
export const PROBES: readonly KubernetesNeed[] = ['get', 'create', 'patch', 'delete'].map((verb) => ({
  verb,
  ...APPLICATIONS
}))

/** The pre-check skips these, too: without them the run continues and reports what it does instead. */
export const HELPFUL: readonly string[] = [ASKING, CLUSTER_OPERATIONS, `${EXTENSIONS}/operations/read`]
