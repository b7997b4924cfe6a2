/** Which rights each hop is asked to have, and how a missing one is told: word for word. */
import { describe, expect, test } from '@jest/globals'
import type { Instance } from '../../src/argocd/instance.ts'
import type { ResourceRight } from '../../src/services/kubernetes/api.ts'
import type { Services } from '../../src/services/services.ts'
import type { Desired } from '../../src/config/desired.ts'
import type { ResourceKind } from '../../src/core/finding-titles.ts'
import { missingRights, PROBES, READS, REMOVES, WRITES } from '../../src/chain/permissions.ts'
import type { Cluster } from '../../src/chain/cluster.ts'

const CLUSTER = {
  id: '/clusters/aks',
  place: { subscriptionId: 'sub', resourceGroup: 'rg' }
} as Cluster
const INSTANCE = {
  clusterId: '/clusters/aks',
  configuration: 'manifests',
  namespace: 'gitops',
  account: 'the-account',
  deployment: 'the-deployment',
  server: 'the-server'
} as Instance
const DESIRED = { identity: { name: 'id' }, verification: 'none' } as Desired

interface Asked {
  /** `action @ scope`, `verb resource`, or the word for Azure DevOps. */
  readonly rights: string[]
  readonly problems: Awaited<ReturnType<typeof missingRights>>
}

/** What is asked of planes that grant nothing, or everything. */
async function asked(
  due: readonly ResourceKind[],
  more: {
    table?: typeof WRITES
    cluster?: Cluster | undefined
    instance?: Instance | undefined
    desired?: Desired
    granted?: boolean
  } = {}
): Promise<Asked> {
  const { table = WRITES, desired = DESIRED, granted = false } = more
  const { cluster, instance } = { cluster: CLUSTER, instance: INSTANCE, ...more }
  const rights: string[] = []
  const services = {
    arm: {
      missingActions: (scope: string, actions: readonly string[]) => {
        rights.push(...actions.map((action) => `${action} @ ${scope}`))
        return Promise.resolve(granted ? [] : actions)
      }
    },
    devops: {
      organization: 'contoso',
      permissions: {
        mayAdministerMembers: () => {
          rights.push('members')
          return Promise.resolve(granted)
        }
      }
    },
    kubernetes: (clusterId: string | undefined) => ({
      missing: (all: readonly ResourceRight[]) => {
        rights.push(
          ...all.map(
            ({ verb, group, resource, subresource = '', namespace, name = '*' }) =>
              `${verb} ${group}/${resource}/${subresource} ${String(clusterId)} ${namespace} ${name}`
          )
        )
        return Promise.resolve(granted ? [] : all)
      }
    })
  } as unknown as Services
  const problems = await missingRights(due, table, { cluster, instance }, desired, services)
  return { rights, problems }
}

const atCluster = '@ /clusters/aks'
const atGroup = '@ /subscriptions/sub/resourceGroups/rg'
const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const EXTENSIONS = 'Microsoft.KubernetesConfiguration/extensions'
const here = (right: string, name = '*'): string => `${right} /clusters/aks gitops ${name}`
const ACCOUNT = here('patch /serviceaccounts/', 'the-account')
const DEPLOYMENT = here('patch apps/deployments/', 'the-deployment')

describe('asked before the first write:', () => {
  test.each<[ResourceKind, readonly string[]]>([
    ['cluster', [`Microsoft.ContainerService/managedClusters/write ${atCluster}`]],
    ['identity', [`${IDENTITIES}/write ${atGroup}`]],
    [
      'argocd',
      [
        `${EXTENSIONS}/write ${atCluster}`,
        `${EXTENSIONS}/operations/read ${atCluster}`,
        `Microsoft.Resources/subscriptions/providers/read ${atCluster}`,
        `Microsoft.KubernetesConfiguration/register/action ${atCluster}`
      ]
    ],
    ['federated-credential', [`${IDENTITIES}/federatedIdentityCredentials/write ${atGroup}`]],
    ['entitlement', ['members']],
    ['permission', ['members']],
    ['workload', [ACCOUNT, DEPLOYMENT]],
    ['connection', [here('create /secrets/'), here('patch /secrets/')]],
    ['application', [here('create argoproj.io/applications/'), here('patch argoproj.io/applications/')]]
  ])('%s', async (hop, rights) => {
    expect((await asked([hop])).rights).toEqual(rights)
  })

  test.each<[Instance['configuration'], readonly string[]]>([
    ['operator', [here('create /serviceaccounts/'), ACCOUNT, DEPLOYMENT, here('patch argoproj.io/argocds/')]],
    [
      'extension',
      [`${EXTENSIONS}/write ${atCluster}`, `${EXTENSIONS}/operations/read ${atCluster}`, DEPLOYMENT]
    ]
  ])('workload, where the pods belong to the %s', async (configuration, rights) => {
    const instance = { ...INSTANCE, configuration }
    expect((await asked(['workload'], { instance })).rights).toEqual(rights)
  })

  test.each<[ResourceKind, readonly string[]]>([
    ['identity', [`${IDENTITIES}/delete ${atGroup}`]],
    ['federated-credential', [`${IDENTITIES}/federatedIdentityCredentials/delete ${atGroup}`]],
    ['entitlement', ['members']],
    ['permission', ['members']],
    ['workload', [ACCOUNT, DEPLOYMENT]],
    ['connection', [here('delete /secrets/')]],
    ['application', [here('delete argoproj.io/applications/')]],
    ['cluster', []]
  ])('%s, to remove it', async (hop, rights) => {
    const desired = { ...DESIRED, verification: 'access' } as const
    expect((await asked([hop], { table: REMOVES, desired })).rights).toEqual(rights)
  })

  test('the token of the proof, where there is one', async () => {
    const desired = { ...DESIRED, verification: 'access' } as const
    const { rights } = await asked(['connection'], { desired })
    expect(rights.at(-1)).toBe(here('create /serviceaccounts/token', 'the-account'))
  })

  test('each plane once, each right where it is needed', async () => {
    const desired = { ...DESIRED, identity: { name: 'id', resourceGroup: 'rg-ids' } } as const
    const { rights } = await asked(['identity', 'entitlement', 'permission', 'cluster'], { desired })
    expect(rights.toSorted()).toEqual([
      `Microsoft.ContainerService/managedClusters/write ${atCluster}`,
      `${IDENTITIES}/write @ /subscriptions/sub/resourceGroups/rg-ids`,
      'members'
    ])
  })

  test('nothing of what is not known yet, and nothing when nothing is due', async () => {
    const all: readonly ResourceKind[] = ['cluster', 'identity', 'workload', 'connection']
    expect((await asked(all, { cluster: undefined, instance: undefined })).rights).toEqual([])
    expect(await asked([])).toEqual({ rights: [], problems: [] })
    const foreign = { ...CLUSTER, id: undefined }
    expect((await asked(['cluster'], { cluster: foreign })).rights).toEqual([])
  })

  test('what is granted is no problem', async () => {
    const all: readonly ResourceKind[] = ['identity', 'entitlement', 'connection']
    expect((await asked(all, { granted: true })).problems).toEqual([])
  })
})

test('a missing right is told with its remedy', async () => {
  expect((await asked(['identity', 'entitlement', 'workload'])).problems).toEqual([
    {
      id: 'rights/azure',
      summary: `The login lacks the Azure right ${IDENTITIES}/write at /subscriptions/sub/resourceGroups/rg.`,
      expected: `${IDENTITIES}/write`,
      actual: 'not granted',
      remedy:
        'assign the role of docs/permissions/azure-role.json: az role assignment create --assignee <client id> --role Patless --scope /subscriptions/sub/resourceGroups/rg',
      link: 'https://learn.microsoft.com/azure/role-based-access-control/role-assignments-cli'
    },
    {
      id: 'rights/azure-devops',
      summary: 'The login may not add members with a licence to the organization contoso.',
      expected: 'a member of Project Collection Administrators',
      actual: 'not a member',
      remedy:
        'Organization settings > Permissions > Project Collection Administrators > Members > Add: the application the run logs in as',
      link: 'https://learn.microsoft.com/azure/devops/organizations/security/look-up-project-collection-administrators'
    },
    ...[
      ['serviceaccounts', 'serviceaccounts', 'the-account'],
      ['deployments.apps', 'deployments.apps', 'the-deployment']
    ].map(([kind, expected, name]) => ({
      id: 'rights/kubernetes',
      summary: `The login may not patch ${kind} ${name} in namespace gitops.`,
      expected: `patch ${expected}`,
      actual: 'not allowed',
      remedy: 'apply docs/permissions/kubernetes-role.yaml in gitops and bind it to the login',
      link: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/'
    }))
  ])
  const desired = { ...DESIRED, verification: 'argocd' } as const
  const [created, , token] = (await asked(['connection'], { desired })).problems
  expect(created?.summary).toBe('The login may not create secrets in namespace gitops.')
  expect(token?.expected).toBe('create serviceaccounts/token')
})

test('the rights to read, and those of the probe, as they are documented', () => {
  const lines = Object.entries(READS).map(([hop, { arm = [], kubernetes = [] }]) => [
    hop,
    ...arm,
    ...kubernetes.map(
      ({ verb, group, resource, subresource = '', object, named = '*' }) =>
        `${verb} ${group}/${resource}/${subresource} ${object ?? named}`
    )
  ])
  expect(lines).toEqual([
    [
      'cluster',
      'Microsoft.ContainerService/managedClusters/read',
      'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action'
    ],
    ['identity', `${IDENTITIES}/read`],
    ['federated-credential', `${IDENTITIES}/federatedIdentityCredentials/read`],
    [
      'argocd',
      `${EXTENSIONS}/read`,
      'list apps/deployments/ *',
      'list apps/statefulsets/ *',
      'list /services/ *',
      'get /configmaps/ argocd-cm',
      'get /services/proxy server'
    ],
    [
      'workload',
      'get /serviceaccounts/ account',
      'get apps/deployments/ deployment',
      'list /pods/ *',
      'get argoproj.io/argocds/ *'
    ],
    [
      'connection',
      'list /secrets/ *',
      'list argoproj.io/applications/ *',
      'list argoproj.io/applicationsets/ *'
    ],
    ['application', 'get argoproj.io/applications/ *'],
    ['verification', 'create /serviceaccounts/token account']
  ])
  expect(PROBES.map(({ verb, group, resource }) => `${verb} ${group}/${resource}`)).toEqual(
    ['get', 'create', 'patch', 'delete'].map((verb) => `${verb} argoproj.io/applications`)
  )
})
