/**
 * Every mode with exactly the rights that docs/permissions names for it, and with each of them taken away: what the user
 * is then told. A mode that is added gets a row; `plan` of a file and `summarize` ask no service (targets/plan.test.ts).
 */
import { describe, expect, test } from '@jest/globals'
import { useWorld } from '../world.ts'
import { has } from '../../sandbox/by-hand.ts'
import { type Inputs, type WorldUnderTest } from '../../sandbox/in-process.ts'
import type { DevOpsRights } from '../../sandbox/azure/azure.ts'
import { CONNECTED_ID } from '../../sandbox/azure/connected-clusters.ts'
import { IDS } from '../../sandbox/azure/state.ts'
import type { Report } from '../../src/report/report.ts'
import { compared, storePat, urlOf, useIt } from '../migration/pats.ts'
import { actionsIn, assigned, forbid, scopesOf, type AzureRole } from './roles.ts'

const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const CREDENTIALS = `${IDENTITIES}/federatedIdentityCredentials`
const CLUSTERS = 'Microsoft.ContainerService/managedClusters'
const EXTENSIONS = 'Microsoft.KubernetesConfiguration/extensions'
const ASKING = 'Microsoft.Authorization/permissions/read'
const OPERATIONS = 'Microsoft.ContainerService/locations/operations/read'

/** What a run says when an action, or a verb on a resource, is missing. */
type Promised =
  /** Before the first write, with the role that has it. */
  | 'named'
  /** By the service, when it is read. */
  | 'refused'
  /** In a note, or a line of the log; the run goes well. */
  | 'told'
  /** The mode does without. */
  | 'nothing'

interface Mode {
  /** What is there before; as somebody who may do everything. */
  readonly before: (world: WorldUnderTest) => unknown
  readonly inputs: Inputs
  readonly azure: readonly AzureRole[]
  /** Of the actions in these roles, those that it needs. */
  readonly actions: Readonly<Record<string, Promised>>
  readonly kubernetes: readonly string[]
  /** `verb resource` of the verbs in these roles, those whose want shows. */
  readonly verbs: Readonly<Record<string, Promised>>
  /** undefined: a Project Collection Administrator. */
  readonly devops?: DevOpsRights
  readonly drift?: true
  /** The cluster is connected by Azure Arc, and given with a kubeconfig. */
  readonly connected?: true
  /** Each login has the actions of the roles for what is in its own tenant. */
  readonly twoTenants?: true
}

/** With rights in one resource group, and in one namespace. */
const NARROW = { 'resource-group': 'rg-gitops', 'argocd-namespace': 'argocd', verification: 'access' }
const MOVING = { 'resource-group': 'rg-gitops', 'argocd-namespace': 'argocd', 'repository-url': '' }
/** With the right to this registry, and none to list the subscription. */
const REGISTRY = `contosocharts.azurecr.io/charts/app:1.2.3 /subscriptions/${IDS.subscriptionId}/resourceGroups/${IDS.resourceGroup}/providers/Microsoft.ContainerRegistry/registries/contosocharts`
const READER: DevOpsRights = { group: 'Readers' }
const READING = {
  [`${CLUSTERS}/read`]: 'refused',
  [`${CLUSTERS}/listClusterUserCredential/action`]: 'refused',
  [`${IDENTITIES}/read`]: 'refused',
  [`${CREDENTIALS}/read`]: 'refused'
} as const
const LOOKING = {
  'list deployments': 'refused',
  'get serviceaccounts': 'refused',
  'list pods': 'refused',
  'list secrets': 'refused',
  'list applications': 'told'
} as const
const WRITING = {
  'patch deployments': 'named',
  'get deployments': 'named',
  'patch serviceaccounts': 'named',
  'create serviceaccounts/token': 'named',
  'create secrets': 'named',
  'patch secrets': 'named'
} as const
/** A Secret with a token, which Argo CD reads with. */
async function stored(world: WorldUnderTest): Promise<void> {
  const url = urlOf(world, 'app')
  storePat(world, 'pat-1', url)
  useIt(world, 'app-1', url)
  await compared(world)
}
/** A chain in order, whose API server has no address here any more. */
async function unreached(world: WorldUnderTest): Promise<void> {
  await world.apply()
  world.twin.defect('no-route')
}
const applied =
  (inputs: Inputs = {}) =>
  (world: WorldUnderTest) =>
    world.apply({ verification: 'none', ...inputs })
const FIRST = {
  before: () => undefined,
  inputs: NARROW,
  azure: ['azure-role.json'],
  actions: {
    ...READING,
    [ASKING]: 'told',
    [`${IDENTITIES}/write`]: 'named',
    [`${CREDENTIALS}/write`]: 'named'
  },
  kubernetes: ['kubernetes-role.yaml'],
  verbs: { ...LOOKING, ...WRITING }
} as const satisfies Mode

const MODES: Readonly<Record<string, Mode>> = {
  apply: FIRST,
  'apply, with one repository': {
    ...FIRST,
    inputs: { ...NARROW, access: 'repository' },
    actions: {},
    verbs: {}
  },
  'apply, with the identity in another tenant': {
    ...FIRST,
    before(world) {
      world.twin.defect('two-tenants')
    },
    inputs: {
      ...NARROW,
      'identity-tenant-id': IDS.otherTenantId,
      'identity-subscription-id': IDS.otherSubscriptionId,
      'identity-resource-group': IDS.otherResourceGroup,
      'identity-login-client-id': IDS.otherLoginClientId
    },
    actions: {
      [`${CLUSTERS}/read`]: 'refused',
      [`${IDENTITIES}/read`]: 'refused',
      [ASKING]: 'told',
      [`${IDENTITIES}/write`]: 'named',
      [`${CREDENTIALS}/write`]: 'named'
    },
    verbs: {},
    twoTenants: true
  },
  'apply, with charts': {
    ...FIRST,
    inputs: { ...NARROW, registries: REGISTRY },
    azure: ['azure-role.json', 'azure-role-registries.json'],
    actions: {
      'Microsoft.ContainerRegistry/registries/read': 'refused',
      'Microsoft.Authorization/roleAssignments/read': 'refused',
      'Microsoft.Authorization/roleAssignments/write': 'named'
    },
    verbs: {}
  },
  'apply again, with charts, by a login that assigns nothing': {
    ...FIRST,
    before: applied({ registries: REGISTRY }),
    inputs: { ...NARROW, registries: REGISTRY },
    azure: ['azure-role.json', 'azure-role-registries.json'],
    actions: { 'Microsoft.Authorization/roleAssignments/write': 'nothing' },
    verbs: {},
    devops: READER
  },
  'remove, with charts': {
    ...FIRST,
    before: applied({ registries: REGISTRY }),
    inputs: { ...NARROW, mode: 'remove', registries: REGISTRY },
    azure: ['azure-role.json', 'azure-role-remove.json', 'azure-role-registries.json'],
    actions: { 'Microsoft.Authorization/roleAssignments/delete': 'named' },
    kubernetes: ['kubernetes-role.yaml', 'kubernetes-role-remove.yaml'],
    verbs: {}
  },
  'apply again': { ...FIRST, before: applied(), actions: {}, verbs: {}, devops: READER },
  'apply, with verification by Argo CD': {
    ...FIRST,
    inputs: { ...NARROW, verification: 'argocd' },
    actions: {},
    verbs: {
      'create applications': 'told',
      'get applications': 'told',
      'delete applications': 'told'
    }
  },
  'apply, with an Application': {
    ...FIRST,
    before: applied(),
    inputs: { ...NARROW, 'application-name': 'shop', 'application-path': 'deploy' },
    actions: {},
    verbs: { 'get applications': 'refused', 'create applications': 'named', 'patch applications': 'named' },
    devops: READER
  },
  check: {
    ...FIRST,
    before: applied(),
    inputs: { ...NARROW, mode: 'check' },
    actions: READING,
    verbs: { ...LOOKING, 'create serviceaccounts/token': 'refused' },
    devops: READER
  },
  diagnose: {
    ...FIRST,
    before: applied(),
    inputs: { ...NARROW, mode: 'diagnose' },
    actions: READING,
    verbs: { ...LOOKING, 'create serviceaccounts/token': 'refused' },
    devops: READER
  },
  export: {
    ...FIRST,
    before: applied(),
    inputs: { ...NARROW, verification: 'argocd', mode: 'export' },
    actions: READING,
    verbs: LOOKING,
    devops: READER
  },
  'dry run': {
    ...FIRST,
    // It is asked for the rights that apply will need.
    inputs: { ...NARROW, 'dry-run': 'true' },
    actions: {
      [`${CLUSTERS}/read`]: 'refused',
      [ASKING]: 'told',
      [`${IDENTITIES}/write`]: 'named',
      [`${CREDENTIALS}/write`]: 'named'
    },
    verbs: { 'list deployments': 'refused', 'patch deployments': 'named', 'create secrets': 'named' },
    drift: true
  },
  'configure-cluster': {
    ...FIRST,
    before(world) {
      for (const defect of ['issuer-disabled', 'cluster-linked']) world.twin.defect(defect)
    },
    inputs: { ...NARROW, 'configure-cluster': 'true' },
    azure: [
      'azure-role.json',
      'azure-role-configure-cluster.json',
      'azure-role-linked.json',
      'azure-role-subscription.json'
    ],
    actions: {
      [`${CLUSTERS}/write`]: 'named',
      'Microsoft.OperationalInsights/workspaces/sharedkeys/read': 'named',
      'Microsoft.Network/virtualNetworks/subnets/join/action': 'named',
      [`${IDENTITIES}/assign/action`]: 'named',
      [ASKING]: 'told',
      [OPERATIONS]: 'told'
    },
    verbs: {}
  },
  'check, through commands': {
    ...FIRST,
    before: unreached,
    inputs: { ...NARROW, mode: 'check', verification: 'argocd' },
    azure: ['azure-role.json', 'azure-role-run-command.json'],
    actions: { [`${CLUSTERS}/runcommand/action`]: 'refused', [`${CLUSTERS}/commandResults/read`]: 'refused' },
    verbs: { 'list secrets': 'refused' },
    devops: READER
  },
  'apply, through commands': {
    ...FIRST,
    before(world) {
      world.twin.defect('no-route')
    },
    inputs: { ...NARROW, verification: 'argocd', 'cluster-access': 'run-command' },
    azure: ['azure-role.json', 'azure-role-run-command.json'],
    actions: {},
    verbs: { 'create secrets': 'named' }
  },
  Arc: {
    ...FIRST,
    before(world) {
      world.twin.defect('arc-cluster')
    },
    inputs: { 'argocd-namespace': 'argocd', verification: 'access' },
    azure: ['azure-role.json', 'azure-role-arc.json'],
    actions: { 'Microsoft.Kubernetes/connectedClusters/read': 'refused' },
    verbs: {},
    connected: true
  },
  extension: {
    ...FIRST,
    before(world) {
      world.twin.defect('extension-install')
    },
    azure: ['azure-role.json', 'azure-role-extension.json'],
    actions: {
      [`${EXTENSIONS}/read`]: 'refused',
      [`${EXTENSIONS}/write`]: 'named',
      [`${EXTENSIONS}/operations/read`]: 'told'
    },
    verbs: { 'patch deployments': 'named', 'get deployments': 'named' }
  },
  'extension, installed': {
    ...FIRST,
    before(world) {
      for (const defect of ['argocd-absent', 'provider-unregistered', 'small-cluster'])
        world.twin.defect(defect)
    },
    inputs: { ...NARROW, 'argocd-configuration': 'extension' },
    azure: ['azure-role.json', 'azure-role-extension.json', 'azure-role-subscription.json'],
    actions: {
      [`${EXTENSIONS}/write`]: 'named',
      'Microsoft.KubernetesConfiguration/register/action': 'named'
    },
    verbs: {}
  },
  operator: {
    ...FIRST,
    before(world) {
      world.twin.defect('operator-install')
    },
    actions: {},
    kubernetes: ['kubernetes-role.yaml', 'kubernetes-role-operator.yaml'],
    verbs: { 'get argocds': 'refused', 'patch argocds': 'named', 'create serviceaccounts': 'named' }
  },
  audit: {
    ...FIRST,
    before: applied(),
    inputs: {
      mode: 'audit',
      'repository-url': '',
      'resource-group': 'rg-gitops',
      'argocd-namespace': 'argocd'
    },
    actions: {
      [`${CLUSTERS}/read`]: 'refused',
      [`${CLUSTERS}/listClusterUserCredential/action`]: 'refused'
    },
    kubernetes: ['kubernetes-role-audit.yaml'],
    verbs: {
      'list deployments': 'refused',
      'list secrets': 'refused',
      'list applications': 'told',
      'list applicationsets': 'told'
    },
    devops: {}
  },
  remove: {
    ...FIRST,
    before: applied(),
    inputs: { ...NARROW, mode: 'remove' },
    azure: ['azure-role.json', 'azure-role-remove.json'],
    actions: {
      [ASKING]: 'told',
      [`${IDENTITIES}/delete`]: 'named',
      [`${CREDENTIALS}/delete`]: 'named'
    },
    kubernetes: ['kubernetes-role.yaml', 'kubernetes-role-remove.yaml'],
    verbs: { 'delete secrets': 'named', 'patch deployments': 'named', 'patch serviceaccounts': 'named' }
  },
  migrate: {
    ...FIRST,
    before: stored,
    inputs: { ...MOVING, mode: 'migrate' },
    actions: {},
    kubernetes: ['kubernetes-role.yaml', 'kubernetes-role-migrate.yaml'],
    verbs: {
      'create secrets': 'named',
      'patch secrets': 'named',
      'delete secrets': 'named',
      'create leases': 'named',
      'get leases': 'named',
      'patch leases': 'named',
      'delete leases': 'named',
      'get applications': 'named',
      'patch applications': 'named'
    }
  },
  rollback: {
    ...FIRST,
    async before(world) {
      await stored(world)
      await world.run({ mode: 'migrate', 'repository-url': '' })
    },
    inputs: { ...MOVING, mode: 'rollback' },
    actions: {},
    kubernetes: ['kubernetes-role.yaml', 'kubernetes-role-migrate.yaml'],
    verbs: {},
    drift: true
  }
}

const world = useWorld()

/** @param away the action, or the verb and resource, that the login does not have */
async function ran(mode: Mode, away?: string): Promise<Report> {
  const { before, azure, kubernetes, devops, twoTenants = false } = mode
  const kubeconfig = world.twin.environment['KUBECONFIG'] ?? ''
  const inputs = { ...mode.inputs, ...(mode.connected && { cluster: CONNECTED_ID, kubeconfig }) }
  const { twin } = world
  await before(world)
  const { ids } = twin.azure
  const isHere = (action: string): boolean => !twoTenants || !action.startsWith(IDENTITIES)
  twin.azure.assign(assigned(azure, ids, (action) => action !== away && isHere(action)))
  const { otherSubscriptionId: subscriptionId, otherResourceGroup: resourceGroup } = ids
  const other = { subscriptionId, resourceGroup, clusterId: '/nowhere' }
  const isThere = (action: string): boolean => action !== away && !action.startsWith(CLUSTERS)
  if (twoTenants) twin.azure.assignOther(assigned(azure, other, isThere))
  await twin.bindDocumentedRole(...kubernetes)
  const [verb = '', resource] = away?.split(' ') ?? []
  if (resource !== undefined) forbid(world, verb, resource)
  if (devops) twin.azure.grant(devops)
  twin.journal.clear()
  world.printed.length = 0
  return world.run({ mode: 'apply', ...inputs })
}

/**
 * Findings that are not about rights: Applications of other namespaces are not seen, an image may show no version, and
 * nothing needs the evidence that a diagnosis may not read.
 */
const OTHER = [
  'diagnosis/not-read',
  'verification/other-namespaces-unseen',
  'migration/revoke',
  'argocd/version-unknown',
  'run-command/used'
]
const wordsOf = ({ findings }: Report): string =>
  findings
    .filter(({ id }) => !OTHER.includes(id))
    .map(({ summary, remedy }) => `${summary} ${remedy}`)
    .join('\n')

/** A real kubectl runs them. */
const withKubectl = has('kubectl')
const rows = Object.entries(MODES).filter(([name]) => withKubectl || !name.includes('through commands'))
if (!withKubectl) test.skip('through commands: there is no kubectl', () => undefined)

test.each(rows)(
  '%s works with the documented rights, and says nothing of rights',
  async (_name, mode) => {
    const report = await ran(mode)
    expect(wordsOf(report)).toBe('')
    expect(report.verdict.exitCode).toBe(0)
    if (mode.drift) return
    if (mode.inputs['mode'] === 'audit') expect(world.writes()).toEqual([])
    else if (mode.inputs['mode'] === 'remove') expect(world.writes().length).toBeGreaterThan(4)
    else if (mode.inputs['mode'] === 'export') expect(world.writes()).toEqual([])
    else expect(report.outputs).toMatchObject({ verification: 'verified', drift: 'false' })
  },
  30_000
)

describe.each(rows)('%s', (_name, mode) => {
  const { azure, actions, kubernetes, verbs } = mode
  if (Object.keys(actions).length > 0) {
    test.each(Object.entries(actions))(
      'without %s: %s',
      async (action, promised) => {
        const role = azure.find((one) => actionsIn(one).includes(action)) ?? ''
        expect(role).not.toBe('')
        const report = await ran(mode, action)
        const words = wordsOf(report)
        if (promised === 'told') {
          expect(report.verdict.exitCode).toBe(0)
          // A change of state that is not asked for has nothing to follow.
          const said = action === ASKING ? words : world.printed.join('\n')
          expect(said).toContain(action === ASKING ? 'is not known, since it may not ask' : action)
          return
        }
        if (promised === 'nothing') {
          expect([report.verdict.exitCode, words]).toEqual([0, ''])
          return
        }
        expect(report.verdict.exitCode).toBe(1)
        expect(words).toContain(`docs/permissions/${role}`)
        expect(words).toContain(
          promised === 'named'
            ? `The login does not have the Azure permission ${action} at `
            : `does not have authorization to perform action '${action}'`
        )
        expect(world.writes()).toEqual([])
      },
      30_000
    )
  }
  if (Object.keys(verbs).length > 0) {
    test.each(Object.entries(verbs))(
      'without %s: %s',
      async (right, promised) => {
        expect(kubernetes.length).toBeGreaterThan(0)
        const [verb = '', resource = ''] = right.split(' ')
        const report = await ran(mode, right)
        const words = wordsOf(report)
        if (promised === 'told') {
          // Verifying is the job of apply: what it may not ask Argo CD is no success.
          const { mode: name, verification } = mode.inputs
          const proves = name !== 'audit' && verification !== 'access' && right !== 'list applications'
          expect(report.verdict.exitCode).toBe(proves ? 1 : 0)
          expect(words).toMatch(/may not \w+ Applications/)
          return
        }
        expect(report.verdict.exitCode).toBe(1)
        expect(words).toContain('docs/permissions/kubernetes-role')
        expect(words).toMatch(
          promised === 'named'
            ? new RegExp(`The login may not ${verb} ${resource}\\b.* in namespace argocd`)
            : new RegExp(
                `The login is missing a permission in the cluster: .* cannot ${verb} resource "${resource}"`
              )
        )
        expect(world.writes()).toEqual([])
      },
      30_000
    )
  }
})

describe('what the rows are made of', () => {
  test('every action of every role is in some row', () => {
    const known = new Set(Object.values(MODES).flatMap(({ actions }) => Object.keys(actions)))
    const roles: readonly AzureRole[] = [
      'azure-role.json',
      'azure-role-arc.json',
      'azure-role-run-command.json',
      'azure-role-configure-cluster.json',
      'azure-role-linked.json',
      'azure-role-extension.json',
      'azure-role-subscription.json',
      'azure-role-registries.json',
      'azure-role-remove.json'
    ]
    expect(new Set(roles.flatMap(actionsIn))).toEqual(known)
  })

  test('a mode needs no action but those of its row', async () => {
    for (const mode of [FIRST, MODES['check'] ?? FIRST]) {
      world.twin.reset()
      await mode.before(world)
      const { ids } = world.twin.azure
      world.twin.azure.assign(assigned(mode.azure, ids, (action) => action in mode.actions))
      expect((await world.run({ mode: 'apply', ...mode.inputs })).outputs.verification).toBe('verified')
    }
  })
})

describe('where rights are', () => {
  test('a role on the identity alone is enough for an identity that exists', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('credential-deleted')
    const { ids } = world.twin.azure
    const { group } = scopesOf(ids)
    const all = actionsIn('azure-role.json')
    const ofIdentity = all.filter((action) => action.startsWith(IDENTITIES))
    const identity = `${group}/providers/${IDENTITIES}/id-argocd-${ids.cluster}`
    world.twin.azure.assign([
      { scope: ids.clusterId, actions: all.filter((action) => action.startsWith(CLUSTERS)) },
      { scope: identity, actions: [...ofIdentity, ASKING] }
    ])
    const report = await world.apply({ 'resource-group': ids.resourceGroup })
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(wordsOf(report)).toBe('')
  })

  test('a cluster by its name alone needs a list of the subscription; the way out is reported', async () => {
    world.twin.azure.assign(assigned(['azure-role.json'], world.twin.azure.ids))
    const report = await world.apply()
    expect(report.findings).toMatchObject([
      {
        resource: 'cluster',
        summary: expect.stringMatching(/may not list the clusters/),
        remedy: expect.stringMatching(/set resource-group/)
      }
    ])
    expect(world.writes()).toEqual([])
  })

  test('where the list has what the login may see, the name is enough', async () => {
    world.twin.defect('arm-lists-filtered')
    world.twin.azure.assign(assigned(['azure-role.json'], world.twin.azure.ids))
    expect((await world.apply({ verification: 'access' })).outputs.verification).toBe('verified')
  })

  test('a role in another resource group is none here', async () => {
    const { ids } = world.twin.azure
    const elsewhere = { ...ids, resourceGroup: 'rg-gitops-2', clusterId: `${ids.clusterId}-2` }
    world.twin.azure.assign(assigned(['azure-role.json'], elsewhere))
    const report = await world.apply({ 'resource-group': ids.resourceGroup })
    expect(wordsOf(report)).toContain(`perform action '${CLUSTERS}/read'`)
  })
})
