/**
 * Every right this tool uses, once: what each hop reads with and writes with. The pre-check asks the planes for those
 * of the writes that are due; the files under docs/permissions are held against this table by a test.
 */
import type { ResourceRight } from '../services/kubernetes/api.ts'
import type { Services } from '../services/services.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { Desired } from '../config/desired.ts'
import { CONFIGURATION } from '../argocd/discovery.ts'
import type { Instance } from '../argocd/instance.ts'
import type { Cluster } from './cluster.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import { word } from '../core/shell.ts'

interface KubernetesNeed {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  /** The one object it is needed for, where Kubernetes can limit it by name. */
  readonly object?: 'account' | 'deployment' | 'server'
  /** The same, where the name is always this one. */
  readonly named?: string
}

interface Needs {
  readonly arm?: readonly string[]
  readonly kubernetes?: readonly KubernetesNeed[]
  readonly devops?: true
}

const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const CLUSTERS = 'Microsoft.ContainerService/managedClusters'
const EXTENSIONS = 'Microsoft.KubernetesConfiguration/extensions'
const APPLICATIONS = { group: 'argoproj.io', resource: 'applications' } as const

export const READS: Readonly<Partial<Record<ResourceKind | 'verification', Needs>>> = {
  cluster: { arm: [`${CLUSTERS}/read`, `${CLUSTERS}/listClusterUserCredential/action`] },
  identity: { arm: [`${IDENTITIES}/read`] },
  'federated-credential': { arm: [`${IDENTITIES}/federatedIdentityCredentials/read`] },
  argocd: {
    arm: [`${EXTENSIONS}/read`],
    kubernetes: [
      { verb: 'list', group: 'apps', resource: 'deployments' },
      // What else has to be there for a Deployment to be taken for Argo CD. Until the identity trusts it.
      { verb: 'list', group: 'apps', resource: 'statefulsets' },
      { verb: 'list', group: '', resource: 'services' },
      { verb: 'get', group: '', resource: 'configmaps', named: CONFIGURATION },
      // Only for an image without a version in its tag.
      { verb: 'get', group: '', resource: 'services', subresource: 'proxy', object: 'server' }
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

/** How the identity gets to the pods depends on who owns them. */
export const WORKLOAD: Readonly<Record<Instance['configuration'], Needs>> = {
  manifests: {
    kubernetes: [
      { verb: 'patch', group: '', resource: 'serviceaccounts', object: 'account' },
      { verb: 'patch', group: 'apps', resource: 'deployments', object: 'deployment' }
    ]
  },
  operator: {
    kubernetes: [
      { verb: 'create', group: '', resource: 'serviceaccounts' },
      { verb: 'patch', group: '', resource: 'serviceaccounts', object: 'account' },
      { verb: 'patch', group: 'apps', resource: 'deployments', object: 'deployment' },
      { verb: 'patch', group: 'argoproj.io', resource: 'argocds' }
    ]
  },
  extension: {
    arm: [`${EXTENSIONS}/write`, `${EXTENSIONS}/operations/read`],
    kubernetes: [{ verb: 'patch', group: 'apps', resource: 'deployments', object: 'deployment' }]
  }
}

export const WRITES: Readonly<Partial<Record<Exclude<ResourceKind, 'workload'>, Needs>>> = {
  cluster: { arm: [`${CLUSTERS}/write`] },
  identity: { arm: [`${IDENTITIES}/write`] },
  argocd: {
    arm: [
      `${EXTENSIONS}/write`,
      `${EXTENSIONS}/operations/read`,
      'Microsoft.Resources/subscriptions/providers/read',
      'Microsoft.KubernetesConfiguration/register/action'
    ]
  },
  'federated-credential': { arm: [`${IDENTITIES}/federatedIdentityCredentials/write`] },
  entitlement: { devops: true },
  permission: { devops: true },
  connection: {
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

/** The rights of `mode: remove`, beside those it reads with. */
export const REMOVES: typeof WRITES = {
  identity: { arm: [`${IDENTITIES}/delete`] },
  'federated-credential': { arm: [`${IDENTITIES}/federatedIdentityCredentials/delete`] },
  entitlement: { devops: true },
  permission: { devops: true },
  connection: { kubernetes: [{ verb: 'delete', group: '', resource: 'secrets' }] },
  application: { kubernetes: [{ verb: 'delete', ...APPLICATIONS }] }
}

/** Of the proof through Argo CD. Not asked for beforehand: without them the verification is `inconclusive`. */
export const PROBES: readonly KubernetesNeed[] = ['get', 'create', 'patch', 'delete'].map((verb) => ({
  verb,
  ...APPLICATIONS
}))

/** Where the rights are needed, as far as the chain is known. */
export interface Place {
  readonly cluster: Cluster | undefined
  readonly instance: Instance | undefined
}

/**
 * What the login lacks for the writes that are due, each right named exactly. Nothing is written by asking.
 *
 * @param due the hops that will write
 * @param table what each of them writes with
 */
export async function missingRights(
  due: readonly ResourceKind[],
  table: typeof WRITES,
  { cluster, instance }: Place,
  desired: Desired,
  services: Services
): Promise<FindingFacts[]> {
  const needs = due.map((hop) => ({
    hop,
    ...(hop === 'workload' ? instance && WORKLOAD[instance.configuration] : table[hop])
  }))
  const ofCluster = (hop: ResourceKind): boolean => ['cluster', 'argocd', 'workload'].includes(hop)
  const actions = (wanted: (hop: ResourceKind) => boolean): string[] =>
    needs.filter(({ hop }) => wanted(hop)).flatMap(({ arm }) => arm ?? [])
  const group = desired.identity.resourceGroup ?? cluster?.place.resourceGroup
  const identityScope =
    cluster && `/subscriptions/${cluster.place.subscriptionId}/resourceGroups/${group ?? ''}`
  const found = await Promise.all([
    missingActions(services, cluster?.id, actions(ofCluster)),
    missingActions(
      services,
      identityScope,
      actions((hop) => !ofCluster(hop))
    ),
    needs.some(({ devops }) => devops) ? missingDevOps(services) : [],
    missingInCluster(
      services,
      instance,
      needs.flatMap(({ kubernetes }) => kubernetes ?? []),
      table === WRITES ? desired.verification : 'none'
    )
  ])
  return found.flat()
}

async function missingActions(
  { arm }: Services,
  scope: string | undefined,
  actions: readonly string[]
): Promise<FindingFacts[]> {
  if (scope === undefined || actions.length === 0) return []
  const missing = await arm.missingActions(scope, actions)
  return missing.map((action) => ({
    id: 'rights/azure',
    summary: `The login lacks the Azure right ${action} at ${scope}.`,
    expected: action,
    actual: 'not granted',
    remedy: `assign the role of docs/permissions/azure-role.json: az role assignment create --assignee <client id> --role Patless --scope ${word(scope)}`,
    link: 'https://learn.microsoft.com/azure/role-based-access-control/role-assignments-cli'
  }))
}

async function missingDevOps({ devops }: Services): Promise<FindingFacts[]> {
  if (await devops.permissions.mayAdministerMembers()) return []
  return [
    {
      id: 'rights/azure-devops',
      summary: `The login may not add members with a licence to the organization ${devops.organization}.`,
      expected: 'a member of Project Collection Administrators',
      actual: 'not a member',
      remedy:
        'Organization settings > Permissions > Project Collection Administrators > Members > Add: the application the run logs in as',
      link: 'https://learn.microsoft.com/azure/devops/organizations/security/look-up-project-collection-administrators'
    }
  ]
}

async function missingInCluster(
  { kubernetes }: Services,
  instance: Instance | undefined,
  needs: readonly KubernetesNeed[],
  verification: Desired['verification']
): Promise<FindingFacts[]> {
  if (!instance || needs.length === 0) return []
  const verifying = verification === 'none' ? [] : (READS.verification?.kubernetes ?? [])
  const rights = [...needs, ...verifying].map(({ object, ...right }): ResourceRight => {
    const namespaced = { ...right, namespace: instance.namespace }
    return object === undefined ? namespaced : { ...namespaced, name: instance[object] }
  })
  const missing = await kubernetes(instance.clusterId).missing(rights)
  return missing.map(({ verb, group, resource, subresource, namespace, name }) => {
    const kind = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
    return {
      id: 'rights/kubernetes',
      summary: `The login may not ${verb} ${kind}${name === undefined ? '' : ` ${name}`} in namespace ${namespace}.`,
      expected: `${verb} ${kind}`,
      actual: 'not allowed',
      remedy: `apply docs/permissions/kubernetes-role.yaml in ${namespace} and bind it to the login`,
      link: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/'
    }
  })
}
