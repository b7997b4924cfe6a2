/** What set-up gives the pipeline is enough, and all of it is needed: each right is taken away once. */
import { beforeEach, describe, expect, test } from '@jest/globals'
import { runAzurePipelinesJob, runGitHubJob } from '../../sandbox/job.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { personAt, type Person } from '../../sandbox/person.ts'
import { useWorld } from '../world.ts'
import { agentJobOf, done, inputsIn } from './pipeline.ts'

const ROLES = kindOf('rbac.authorization.k8s.io', 'roles') as Kind
const ASKING = 'Microsoft.Authorization/permissions/read'
const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const CLUSTERS = 'Microsoft.ContainerService/managedClusters'

const world = useWorld()
let person: Person
beforeEach(() => {
  person = personAt(world.twin)
})

interface State {
  readonly azure: {
    readonly roleDefinitions: { name: string; actions: string[] }[]
    readonly roleAssignments: { scope: string; principalId: string }[]
    readonly members: { principalId: string; groups: string[] }[]
    readonly identities: { name: string; principalId: string }[]
  }
}
const state = (): State => world.twin.state() as State
const principalId = (name = 'id-patless-aks-gitops'): string =>
  state().azure.identities.find((one) => one.name === name)?.principalId ?? ''

describe('exactly these rights', () => {
  test('in Azure: five actions of the chain, at the cluster and at one identity', async () => {
    await done(world, person)
    const { roleDefinitions, roleAssignments } = state().azure
    expect(roleDefinitions.flatMap(({ actions }) => actions)).toEqual([
      ASKING,
      `${CLUSTERS}/read`,
      `${CLUSTERS}/listClusterUserCredential/action`,
      `${IDENTITIES}/read`,
      `${IDENTITIES}/federatedIdentityCredentials/read`,
      `${IDENTITIES}/federatedIdentityCredentials/write`
    ])
    expect(roleAssignments.map(({ scope }) => scope.split('/').slice(-2).join('/'))).toEqual([
      'managedClusters/aks-gitops',
      'userAssignedIdentities/id-argocd-aks-gitops'
    ])
  })

  test('in Azure DevOps: Readers of the project, as Argo CD', async () => {
    await done(world, person)
    const groups = state().azure.members.map((one) => one.groups)
    expect(groups).toEqual([[], ['[shop]\\Readers'], ['[shop]\\Readers']])
  })

  test('in the cluster: what docs/permissions/kubernetes-role.yaml says', async () => {
    await done(world, person)
    const [own] = world.twin.kubernetes.store.list(ROLES, 'argocd')
    await world.twin.bindDocumentedRole()
    const documented = world.twin.kubernetes.store.get(ROLES, 'argocd', 'patless')
    expect(rightsIn(own?.['rules'])).toEqual(rightsIn(documented['rules']))
  })
})

interface Rule {
  readonly apiGroups: string[]
  readonly resources: string[]
  readonly resourceNames?: string[]
  readonly verbs: string[]
}
function rightsIn(rules: unknown): string[] {
  const all = (rules as Rule[]).flatMap(({ apiGroups, resources, resourceNames = ['any'], verbs }) =>
    verbs.map((verb) => `${verb} ${apiGroups.join()}/${resources.join()} ${resourceNames.join()}`)
  )
  return all.toSorted()
}

describe('each of them is needed', () => {
  const actions = [
    `${CLUSTERS}/read`,
    `${CLUSTERS}/listClusterUserCredential/action`,
    `${IDENTITIES}/read`,
    `${IDENTITIES}/federatedIdentityCredentials/read`,
    `${IDENTITIES}/federatedIdentityCredentials/write`
  ]
  test.each(actions)('without %s the first apply fails', async (action) => {
    await done(world, person)
    world.twin.azure.takeAway((one) => one === action)
    expect((await world.apply(inputsIn(person))).verdict.exitCode).toBe(1)
  })

  test(`without ${ASKING} it goes on, and says what it could not ask`, async () => {
    await done(world, person)
    world.twin.azure.takeAway((one) => one === ASKING)
    const { verdict, findings } = await world.apply(inputsIn(person))
    expect(verdict.exitCode).toBe(0)
    expect(findings.map(({ id }) => id)).toContain('rights/not-known')
  })

  const verbs = [
    'list deployments',
    'get deployments',
    'patch deployments',
    'get serviceaccounts',
    'patch serviceaccounts',
    'create serviceaccounts/token',
    'list pods',
    'list secrets',
    'create secrets',
    'patch secrets',
    'create applications',
    'delete applications'
  ]
  test.each(verbs)('without %s in the cluster it is red', async (right) => {
    await done(world, person)
    const [verb = '', resource = ''] = right.split(' ')
    const { store } = world.twin.kubernetes
    for (const role of store.list(ROLES, 'argocd')) {
      const rules = (role['rules'] as Rule[]).map((rule) =>
        rule.resources.includes(resource)
          ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) }
          : rule
      )
      store.update(ROLES, role, { ...role, rules })
    }
    expect((await world.apply(inputsIn(person))).verdict.exitCode).toBe(1)
  })

  test.each(['assignment', 'member'] as const)('without the %s it is red', async (what) => {
    await done(world, person)
    world.twin.azure.spoil(what, principalId())
    expect((await world.apply(inputsIn(person))).verdict.exitCode).toBe(1)
  })

  test('without Readers it cannot tell that Argo CD lost them', async () => {
    await done(world, person)
    const inputs = { ...inputsIn(person), verification: 'none' }
    await world.apply(inputs)
    world.twin.azure.spoil('reader', principalId('id-argocd-aks-gitops'))
    expect((await world.check(inputs)).outputs.differences).toContain('Readers of shop')
    world.twin.azure.spoil('reader', principalId())
    const { findings } = await world.check(inputs)
    expect(findings.map(({ id }) => id)).toContain('permission/project-missing')
  })
})

describe('the pipeline may do no more', () => {
  test('it makes no identity, and no member', async () => {
    await done(world, person)
    const inputs = inputsIn(person)
    const other = await world.apply({ ...inputs, 'identity-name': 'id-of-somebody' })
    expect(other.verdict.exitCode).toBe(1)
    world.twin.defect('not-a-member')
    expect((await world.apply(inputs)).verdict.exitCode).toBe(1)
    expect(state().azure.identities.map(({ name }) => name)).not.toContain('id-of-somebody')
  })

  test('another branch, environment or repository is not trusted', async () => {
    await done(world, person)
    const inputs = inputsIn(person)
    const { settings } = world.twin.azure.github
    for (const change of [{ branch: 'evil' }, { environment: 'production' }, { name: 'other' }]) {
      Object.assign(settings, { branch: 'main', environment: undefined, name: 'platform' }, change)
      const { outputs } = await world.apply(inputs)
      expect(outputs).toMatchObject({ findings: 'login/not-trusted', changed: 'false' })
    }
  })
})

describe('the committed bundle, with exactly what set-up made', () => {
  test('as a GitHub job', async () => {
    await done(world, person)
    const { environment } = world.twin
    const ran = await runGitHubJob({ environment, inputs: { ...inputsIn(person), mode: 'apply' } })
    expect(ran.stdout).not.toContain('::error')
    expect(ran.outputs).toMatchObject({ verification: 'verified', drift: 'false' })
  })

  test('as an agent of Azure Pipelines', async () => {
    await done(world, person, { host: 'azure-pipelines' })
    const ran = await runAzurePipelinesJob(agentJobOf(world.twin, person))
    expect(ran.stdout).not.toContain('task.logissue type=error')
    expect(ran.outputs).toMatchObject({ verification: 'verified', drift: 'false' })
  })
})
