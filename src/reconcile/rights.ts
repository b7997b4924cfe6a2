/**
 * Every right this tool uses, once: what each hop reads with and writes with. The pre-check asks the planes for those
 * of the writes that are due; the files under docs/permissions are held against this table by a test.
 */
import type { ResourceRight } from '../clients/kubernetes.ts'
import type { Planes } from '../clients/planes.ts'
import type { ProblemFacts } from '../diagnosis/problem.ts'
import type { Desired } from '../inputs/parse.ts'
import type { RepoServer } from '../resources/argocd.ts'
import type { Cluster } from '../resources/cluster.ts'
import type { HopName } from './outcomes.ts'

interface KubernetesNeed {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  /** The one object it is needed for, where Kubernetes can limit it by name. */
  readonly object?: 'serviceAccount' | 'deployment'
}

interface Needs {
  readonly arm?: readonly string[]
  readonly kubernetes?: readonly KubernetesNeed[]
  readonly devops?: true
}

const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const CLUSTERS = 'Microsoft.ContainerService/managedClusters'

export const READS: Readonly<Partial<Record<HopName | 'proof', Needs>>> = {
  cluster: { arm: [`${CLUSTERS}/read`, `${CLUSTERS}/listClusterUserCredential/action`] },
  identity: { arm: [`${IDENTITIES}/read`] },
  'federated-credential': { arm: [`${IDENTITIES}/federatedIdentityCredentials/read`] },
  argocd: { kubernetes: [{ verb: 'list', group: 'apps', resource: 'deployments' }] },
  workload: {
    kubernetes: [
      { verb: 'get', group: '', resource: 'serviceaccounts', object: 'serviceAccount' },
      { verb: 'get', group: 'apps', resource: 'deployments', object: 'deployment' },
      { verb: 'list', group: '', resource: 'pods' }
    ]
  },
  connection: { kubernetes: [{ verb: 'list', group: '', resource: 'secrets' }] },
  proof: {
    kubernetes: [
      {
        verb: 'create',
        group: '',
        resource: 'serviceaccounts',
        subresource: 'token',
        object: 'serviceAccount'
      }
    ]
  }
}

export const WRITES: Readonly<Partial<Record<HopName, Needs>>> = {
  cluster: { arm: [`${CLUSTERS}/write`] },
  identity: { arm: [`${IDENTITIES}/write`] },
  'federated-credential': { arm: [`${IDENTITIES}/federatedIdentityCredentials/write`] },
  entitlement: { devops: true },
  permission: { devops: true },
  workload: {
    kubernetes: [
      { verb: 'patch', group: '', resource: 'serviceaccounts', object: 'serviceAccount' },
      { verb: 'patch', group: 'apps', resource: 'deployments', object: 'deployment' }
    ]
  },
  connection: {
    kubernetes: [
      { verb: 'create', group: '', resource: 'secrets' },
      { verb: 'patch', group: '', resource: 'secrets' }
    ]
  }
}

/** The rights of `mode: remove`, beside those it reads with. */
export const REMOVES: typeof WRITES = {
  identity: { arm: [`${IDENTITIES}/delete`] },
  'federated-credential': { arm: [`${IDENTITIES}/federatedIdentityCredentials/delete`] },
  entitlement: { devops: true },
  permission: { devops: true },
  ...(WRITES.workload && { workload: WRITES.workload }),
  connection: { kubernetes: [{ verb: 'delete', group: '', resource: 'secrets' }] }
}

/** Where the rights are needed, as far as the chain is known. */
export interface Place {
  readonly cluster: Cluster | undefined
  readonly repoServer: RepoServer | undefined
}

/**
 * What the login lacks for the writes that are due, each right named exactly. Nothing is written by asking.
 *
 * @param due the hops that will write
 * @param table what each of them writes with
 */
export async function missingRights(
  due: readonly HopName[],
  table: typeof WRITES,
  { cluster, repoServer }: Place,
  desired: Desired,
  planes: Planes
): Promise<ProblemFacts[]> {
  const needs = due.flatMap((hop) => ({ hop, ...table[hop] }))
  const actions = (wanted: (hop: HopName) => boolean): string[] =>
    needs.filter(({ hop }) => wanted(hop)).flatMap(({ arm }) => arm ?? [])
  const group = desired.identity.resourceGroup ?? cluster?.resourceGroup
  const identityScope = cluster && `/subscriptions/${cluster.subscriptionId}/resourceGroups/${group ?? ''}`
  const found = await Promise.all([
    missingActions(
      planes,
      cluster?.id,
      actions((hop) => hop === 'cluster')
    ),
    missingActions(
      planes,
      identityScope,
      actions((hop) => hop !== 'cluster')
    ),
    needs.some(({ devops }) => devops) ? missingDevOps(planes) : [],
    missingInCluster(
      planes,
      repoServer,
      needs.flatMap(({ kubernetes }) => kubernetes ?? []),
      table === WRITES ? desired.verification : 'none'
    )
  ])
  return found.flat()
}

async function missingActions(
  { arm }: Planes,
  scope: string | undefined,
  actions: readonly string[]
): Promise<ProblemFacts[]> {
  if (scope === undefined || actions.length === 0) return []
  const missing = await arm.missingActions(scope, actions)
  return missing.map((action) => ({
    what: `The login lacks the Azure right ${action} at ${scope}.`,
    expected: action,
    found: 'not granted',
    remedy: `assign the role of docs/permissions/azure-role.json: az role assignment create --assignee <client id> --role Patless --scope ${scope}`,
    link: 'https://learn.microsoft.com/azure/role-based-access-control/role-assignments-cli'
  }))
}

async function missingDevOps({ devops }: Planes): Promise<ProblemFacts[]> {
  if (await devops.mayAdministerMembers()) return []
  return [
    {
      what: `The login may not add members with a licence to the organization ${devops.organization}.`,
      expected: 'a member of Project Collection Administrators',
      found: 'not a member',
      remedy:
        'Organization settings > Permissions > Project Collection Administrators > Members > Add: the application the run logs in as',
      link: 'https://learn.microsoft.com/azure/devops/organizations/security/look-up-project-collection-administrators'
    }
  ]
}

async function missingInCluster(
  { kubernetes }: Planes,
  repoServer: RepoServer | undefined,
  needs: readonly KubernetesNeed[],
  verification: Desired['verification']
): Promise<ProblemFacts[]> {
  if (!repoServer || needs.length === 0) return []
  const proof = verification === 'none' ? [] : (READS.proof?.kubernetes ?? [])
  const rights = [...needs, ...proof].map(({ object, ...right }): ResourceRight => {
    const namespaced = { ...right, namespace: repoServer.namespace }
    return object === undefined ? namespaced : { ...namespaced, name: repoServer[object] }
  })
  const missing = await kubernetes(repoServer.clusterId).missing(rights)
  return missing.map(({ verb, group, resource, subresource, namespace, name }) => {
    const kind = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
    return {
      what: `The login may not ${verb} ${kind}${name === undefined ? '' : ` ${name}`} in namespace ${namespace}.`,
      expected: `${verb} ${kind}`,
      found: 'not allowed',
      remedy: `apply docs/permissions/kubernetes-role.yaml in ${namespace} and bind it to the login`,
      link: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/'
    }
  })
}
