/** Which rights each hop is asked to have, and how a missing one is told: word for word. */
import { describe, expect, test } from '@jest/globals'
import type { Instance } from '../../src/argocd/instance.ts'
import type { ResourceRight } from '../../src/services/kubernetes/api.ts'
import type { ManagedIdentity } from '../../src/services/azure/managed-identities.ts'
import type { Services } from '../../src/services/services.ts'
import type { DesiredChain } from '../../src/config/desired.ts'
import type { ResourceKind } from '../../src/core/finding-titles.ts'
import { missingRights } from '../../src/chain/missing-rights.ts'
import { PROVIDER } from '../../src/chain/argocd.ts'
import { PROBES, READS, REMOVES, WRITES } from '../../src/chain/permissions.ts'
import type { Place } from '../../src/chain/permission-places.ts'
import type { Rights } from '../../src/chain/rights.ts'
import { HttpProblem } from '../../src/http/errors.ts'
import type { Cluster } from '../../src/chain/cluster.ts'
import { Reach } from '../../src/services/kubernetes/reach.ts'

const CLUSTER = {
  id: '/clusters/aks',
  place: { subscriptionId: 'sub', resourceGroup: 'rg' },
  links: [
    { action: 'join', scope: '/subnets/aks' },
    { action: 'assign', scope: '/identities/aks' }
  ]
} as unknown as Cluster
const INSTANCE = {
  clusterId: '/clusters/aks',
  configuration: 'manifests',
  namespace: 'gitops',
  account: 'the-account',
  deployment: 'the-deployment'
} as Instance
const DESIRED = {
  cluster: { kind: 'aks', name: 'aks' },
  identity: { name: 'id' },
  verification: 'none',
  access: 'project-readers',
  login: { clientId: 'e1a2b3c4' },
  organizations: [{ name: 'contoso', of: undefined, repositories: [{ project: 'shop', repository: 'app' }] }]
} as unknown as DesiredChain

interface Asked {
  /** `action @ scope`, `verb resource`, or the word for Azure DevOps. */
  readonly rights: string[]
  readonly problems: Rights['missing']
  readonly findings: Rights['findings']
}

/** What is asked of planes that grant nothing, or everything. */
async function asked(
  due: readonly ResourceKind[],
  more: {
    table?: typeof WRITES
    cluster?: Cluster | undefined
    instance?: Instance | undefined
    identity?: ManagedIdentity
    places?: readonly Place[]
    desired?: DesiredChain
    granted?: boolean
    /** Status of the answer when the question itself is refused. */
    refused?: number
    registering?: boolean
  } = {}
): Promise<Asked> {
  const { table = WRITES, desired = DESIRED, granted = false, refused, identity, places } = more
  const answer = <T>(value: T): Promise<T> =>
    refused !== undefined
      ? Promise.reject(
          new HttpProblem({ service: 'ARM', request: 'GET permissions', status: refused, detail: 'no' })
        )
      : Promise.resolve(value)
  const { cluster, instance } = { cluster: CLUSTER, instance: INSTANCE, ...more }
  const rights: string[] = []
  const arm = {
    missingActions: (scope: string, actions: readonly string[]) => {
      rights.push(...actions.map((action) => `${action} @ ${scope}`))
      return answer(granted ? [] : actions)
    }
  }
  const services = {
    arm,
    identityArm: arm,
    devops: (organization: string) => ({
      organization,
      projects: {
        repository: (_project: string, name: string) =>
          Promise.resolve({ id: `id-of-${name}`, name, projectId: 'id-of-shop', disabled: false })
      },
      permissions: {
        mayAdministerMembers: () => {
          rights.push('members')
          return answer(granted)
        },
        mayManage: ({ token }: { token: string }) => {
          rights.push(`manage ${token}`)
          return answer(granted)
        }
      }
    }),
    kubernetes: (clusterId: string | undefined) => ({
      reach: new Reach(),
      missing: (all: readonly ResourceRight[]) => {
        rights.push(
          ...all.map(
            ({ verb, group, resource, subresource = '', namespace, name = '*' }) =>
              `${verb} ${group}/${resource}/${subresource} ${String(clusterId)} ${namespace} ${name}`
          )
        )
        return answer(granted ? [] : all)
      }
    })
  } as unknown as Services
  const differences = more.registering
    ? [{ field: PROVIDER, expected: 'Registered', actual: 'NotRegistered' }]
    : []
  const { missing: problems, findings } = await missingRights(
    due.map((resource) => ({ resource, differences })),
    table,
    {
      cluster,
      instance,
      identity,
      members: new Map(),
      places: new Map(places && [['contoso', places]]),
      pods: undefined,
      registries: [],
      reading: undefined,
      left: undefined
    },
    desired,
    services
  )
  return { rights, problems, findings }
}

const atCluster = '@ /clusters/aks'
const atGroup = '@ /subscriptions/sub/resourceGroups/rg'
const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const EXTENSIONS = 'Microsoft.KubernetesConfiguration/extensions'
const here = (right: string, name = '*'): string => `${right} /clusters/aks gitops ${name}`
const ACCOUNT = here('patch /serviceaccounts/', 'the-account')
const ROLLOUT = ['patch', 'get'].map((verb) => here(`${verb} apps/deployments/`, 'the-deployment'))

describe('asked before the first write:', () => {
  test.each<[ResourceKind, readonly string[]]>([
    [
      'cluster',
      [
        `Microsoft.ContainerService/managedClusters/write ${atCluster}`,
        'join @ /subnets/aks',
        'assign @ /identities/aks'
      ]
    ],
    ['identity', [`${IDENTITIES}/write ${atGroup}`]],
    ['argocd', [`${EXTENSIONS}/write ${atCluster}`]],
    ['federated-credential', [`${IDENTITIES}/federatedIdentityCredentials/write ${atGroup}`]],
    ['entitlement', ['members']],
    ['permission', ['members']],
    ['workload', [ACCOUNT, ...ROLLOUT]],
    ['connection', [here('create /secrets/'), here('patch /secrets/')]],
    ['application', [here('create argoproj.io/applications/'), here('patch argoproj.io/applications/')]]
  ])('%s', async (hop, rights) => {
    expect((await asked([hop])).rights).toEqual(rights)
  })

  test.each<[Instance['configuration'], readonly string[]]>([
    ['operator', [here('create /serviceaccounts/'), ACCOUNT, ...ROLLOUT, here('patch argoproj.io/argocds/')]],
    ['extension', [`${EXTENSIONS}/write ${atCluster}`, ...ROLLOUT]]
  ])('workload, where the pods belong to the %s', async (configuration, rights) => {
    const instance = { ...INSTANCE, configuration }
    expect((await asked(['workload'], { instance })).rights).toEqual(rights)
  })

  test.each<[ResourceKind, readonly string[]]>([
    ['identity', [`${IDENTITIES}/delete ${atGroup}`]],
    ['federated-credential', [`${IDENTITIES}/federatedIdentityCredentials/delete ${atGroup}`]],
    ['entitlement', ['members']],
    ['permission', ['members']],
    ['workload', [ACCOUNT, ...ROLLOUT]],
    ['connection', [here('delete /secrets/')]],
    ['application', [here('delete argoproj.io/applications/')]],
    ['cluster', []]
  ])('%s, to remove it', async (hop, rights) => {
    const desired = { ...DESIRED, verification: 'access' } as const
    expect((await asked([hop], { table: REMOVES, desired })).rights).toEqual(rights)
  })

  test('of an identity that exists, at the identity: rights on it alone are enough', async () => {
    const identity = { id: '/identities/id' } as ManagedIdentity
    const { rights } = await asked(['identity', 'federated-credential'], { identity })
    expect(rights).toEqual([
      `${IDENTITIES}/write @ /identities/id`,
      `${IDENTITIES}/federatedIdentityCredentials/write @ /identities/id`
    ])
  })

  test('of a subscription that is to be registered, at the subscription', async () => {
    const { rights } = await asked(['argocd'], { registering: true })
    expect(rights).toEqual([
      `${EXTENSIONS}/write ${atCluster}`,
      'Microsoft.KubernetesConfiguration/register/action @ /subscriptions/sub'
    ])
  })

  describe('access: repository', () => {
    const desired = { ...DESIRED, access: 'repository' } as const
    const repository = 'manage repoV2/id-of-shop/id-of-app'
    const project = 'manage $PROJECT:vstfs:///Classification/TeamProject/id-of-shop'
    const place = (kind: 'repository' | 'project', more: object): Place => {
      const token = kind === 'repository' ? 'repoV2/id-of-shop/id-of-app' : '$PROJECT:it'
      const secured = { namespace: 'n', token, read: 1, manage: 2 }
      const entry = { name: 'shop', projectId: 'id-of-shop', secured, allowed: false, denied: false }
      return { kind, grouped: false, others: 0, ...entry, ...more }
    }

    test('a new member: administrator, repository, project', async () => {
      const { rights, problems, findings } = await asked(['entitlement', 'permission'], { desired })
      expect(rights).toEqual(['members', repository, project])
      expect(findings.map(({ resource, finding }) => `${resource}: ${finding.summary}`)).toEqual([
        'entitlement: Azure DevOps says that the login may not add members with a licence to the organization contoso.'
      ])
      expect(problems.map(({ summary, expected }) => `${summary} ${expected ?? ''}`)).toEqual([
        'The login may not write the permissions of repository shop/app. Manage permissions',
        'The login may not write the permissions of project shop. Edit project-level information'
      ])
    })

    test.each<[string, readonly Place[], readonly string[]]>([
      [
        'the second repository of a project',
        [place('repository', {}), place('project', { allowed: true, others: 1 })],
        [repository]
      ],
      [
        'a project that a group shows anyway',
        [place('repository', {}), place('project', { grouped: true })],
        [repository]
      ],
      [
        'the project only',
        [place('repository', { allowed: true }), place('project', {})],
        ['manage $PROJECT:it']
      ]
    ])('%s, of a member', async (_case, places, rights) => {
      expect((await asked(['permission'], { desired, places })).rights).toEqual(rights)
    })

    test.each<[string, number | undefined, readonly string[]]>([
      ['the last repository of a project', 0, [repository, 'manage $PROJECT:it']],
      ['one of several', 2, [repository]],
      ['one of nobody knows how many', undefined, [repository]]
    ])('%s, to remove it', async (_case, others, rights) => {
      const places = [place('repository', { allowed: true }), place('project', { allowed: true, others })]
      expect((await asked(['permission'], { desired, places, table: REMOVES })).rights).toEqual(rights)
    })
  })

  test('what may not be asked is not known, and stops nothing: one note for each place', async () => {
    const desired = { ...DESIRED, access: 'repository' } as const
    const due: readonly ResourceKind[] = ['cluster', 'identity', 'entitlement', 'permission', 'connection']
    const { problems, findings } = await asked(due, { desired, refused: 403 })
    expect(problems).toEqual([])
    expect(findings.map(({ resource, finding }) => `${resource}: ${finding.summary}`)).toEqual([
      'cluster: Whether the login has the Azure rights that this run needs at /clusters/aks is not known, since it may not ask: Microsoft.ContainerService/managedClusters/write.',
      'cluster: Whether the login has the Azure rights that this run needs at /subnets/aks is not known, since it may not ask: join.',
      'cluster: Whether the login has the Azure rights that this run needs at /identities/aks is not known, since it may not ask: assign.',
      `identity: Whether the login has the Azure rights that this run needs at /subscriptions/sub/resourceGroups/rg is not known, since it may not ask: ${IDENTITIES}/write.`,
      'entitlement: Whether the login may add members to the organization contoso is not known, since it may not ask.',
      'permission: Whether the login may write entries on shop/app, shop is not known, since it may not ask.',
      'connection: Whether the login has the rights that this run needs in namespace gitops is not known, since it may not ask.'
    ])
    for (const { finding } of findings)
      expect(finding.remedy).toMatch(/^nothing has to be done if the run goes well/)
  })

  test.each([400, 405])(
    'Azure DevOps that answers %d to the question is not known either',
    async (refused) => {
      const desired = { ...DESIRED, access: 'repository' } as const
      const { problems, findings } = await asked(['entitlement', 'permission'], { desired, refused })
      expect(problems).toEqual([])
      expect(findings.map(({ finding: { id, severity } }) => [id, severity])).toEqual([
        ['rights/not-known', 'note'],
        ['rights/not-known', 'note']
      ])
      // No login that it accepts, no such organization: that is nothing to go on with.
      for (const [resource, status] of [
        ['entitlement', 401],
        ['entitlement', 404],
        ['identity', refused]
      ] as const)
        expect((await asked([resource], { refused: status })).problems).toEqual([
          expect.objectContaining({ summary: expect.stringContaining(String(status)) })
        ])
    }
  )

  test('the token of the proof, where there is one', async () => {
    const desired = { ...DESIRED, verification: 'access' } as const
    const { rights } = await asked(['connection'], { desired })
    expect(rights.at(-1)).toBe(here('create /serviceaccounts/token', 'the-account'))
  })

  test('each plane once, each right where it is needed', async () => {
    const desired = { ...DESIRED, identity: { name: 'id', tags: {}, resourceGroup: 'rg-ids' } } as const
    const { rights } = await asked(['identity', 'entitlement', 'permission', 'cluster'], { desired })
    expect(rights.toSorted()).toEqual([
      `Microsoft.ContainerService/managedClusters/write ${atCluster}`,
      `${IDENTITIES}/write @ /subscriptions/sub/resourceGroups/rg-ids`,
      'assign @ /identities/aks',
      'join @ /subnets/aks',
      'members'
    ])
  })

  test('nothing of what is not known yet, and nothing when nothing is due', async () => {
    const all: readonly ResourceKind[] = ['cluster', 'identity', 'workload', 'connection']
    expect((await asked(all, { cluster: undefined, instance: undefined })).rights).toEqual([])
    expect(await asked([])).toEqual({ rights: [], problems: [], findings: [] })
    const foreign = { ...CLUSTER, id: undefined }
    expect((await asked(['cluster'], { cluster: foreign })).rights).toEqual([])
  })

  test('what is granted is no problem', async () => {
    const all: readonly ResourceKind[] = ['identity', 'entitlement', 'connection']
    expect((await asked(all, { granted: true })).problems).toEqual([])
  })
})

test('a missing right is reported with its remedy', async () => {
  const { problems, findings } = await asked(['identity', 'entitlement', 'workload'])
  expect(problems).toEqual([
    {
      id: 'rights/azure',
      summary: `The login does not have the Azure permission ${IDENTITIES}/write at /subscriptions/sub/resourceGroups/rg.`,
      expected: `${IDENTITIES}/write`,
      actual: 'not granted',
      remedy: 'assign the role of docs/permissions/azure-role.json',
      command:
        'az role assignment create --assignee e1a2b3c4 --role Patless --scope /subscriptions/sub/resourceGroups/rg',
      link: 'https://learn.microsoft.com/azure/role-based-access-control/role-assignments-cli'
    },
    ...[
      ['patch', 'serviceaccounts', 'the-account'],
      ['patch', 'deployments.apps', 'the-deployment'],
      ['get', 'deployments.apps', 'the-deployment']
    ].map(([verb, kind, name]) => ({
      id: 'rights/kubernetes',
      summary: `The login may not ${verb} ${kind} ${name} in namespace gitops.`,
      expected: `${verb} ${kind}`,
      actual: 'not allowed',
      remedy: 'apply docs/permissions/kubernetes-role.yaml in gitops and bind it to the login',
      link: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/'
    }))
  ])
  expect(findings).toEqual([
    {
      resource: 'entitlement',
      finding: {
        id: 'rights/azure-devops',
        severity: 'warning',
        summary:
          'Azure DevOps says that the login may not add members with a licence to the organization contoso.',
        expected: 'a member of Project Collection Administrators',
        actual: 'not a member',
        remedy:
          'Organization settings > Permissions > Project Collection Administrators > Members > Add: the application the run logs in as',
        link: 'https://learn.microsoft.com/azure/devops/organizations/security/look-up-project-collection-administrators'
      }
    }
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
      'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action',
      'Microsoft.Kubernetes/connectedClusters/read',
      'Microsoft.ContainerService/managedClusters/runcommand/action',
      'Microsoft.ContainerService/managedClusters/commandResults/read'
    ],
    ['identity', `${IDENTITIES}/read`],
    ['federated-credential', `${IDENTITIES}/federatedIdentityCredentials/read`],
    [
      'argocd',
      `${EXTENSIONS}/read`,
      'list apps/deployments/ *',
      'list apps/statefulsets/ *',
      'list /services/ *',
      'get /configmaps/ argocd-cm'
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
    [
      'registry',
      'Microsoft.ContainerRegistry/registries/read',
      'Microsoft.Authorization/roleAssignments/read'
    ],
    ['charts', 'list /secrets/ *', 'list argoproj.io/applications/ *'],
    ['application', 'get argoproj.io/applications/ *'],
    ['verification', 'create /serviceaccounts/token account']
  ])
  expect(PROBES.map(({ verb, group, resource }) => `${verb} ${group}/${resource}`)).toEqual(
    ['get', 'create', 'patch', 'delete'].map((verb) => `${verb} argoproj.io/applications`)
  )
})
