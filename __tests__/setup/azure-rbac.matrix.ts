/** A cluster with Azure RBAC: a role assignment at the namespace instead of Role and RoleBinding, and nothing more. */
import { beforeEach, describe, expect, test } from '@jest/globals'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { ROLES } from '../../src/services/azure/roles.ts'
import { personAt, setUp, type Person } from '../../sandbox/person.ts'
import { useWorld } from '../world.ts'
import { done, inputsIn, optionsFor } from './pipeline.ts'

const world = useWorld()
let person: Person
beforeEach(() => {
  world.twin.azure.useAzureRbac()
  person = personAt(world.twin)
})

interface Shown {
  readonly azure: {
    readonly roleDefinitions: { name: string; actions: string[]; dataActions: string[] }[]
    readonly roleAssignments: { scope: string; roleDefinitionId: string }[]
  }
}
const shown = (): Shown['azure'] => (world.twin.state() as Shown).azure
const CLUSTERS = 'Microsoft.ContainerService/managedClusters'

test('the rights are assigned at the scope of the namespace, and apply works with exactly them', async () => {
  const { log } = await done(world, person)
  expect(log).toContain('+ that role for the pipeline in')
  const rbac = (resource: string): Kind => kindOf('rbac.authorization.k8s.io', resource) as Kind
  const { store } = world.twin.kubernetes
  expect(store.list(rbac('roles'), 'argocd')).toEqual([])
  expect(store.list(rbac('rolebindings'), 'argocd')).toEqual([])
  const role = shown().roleDefinitions.find(({ dataActions }) => dataActions.length > 0)
  expect(role?.actions).toEqual([])
  const scopes = shown().roleAssignments.filter((one) => one.roleDefinitionId.endsWith(role?.name ?? '?'))
  expect(scopes.map(({ scope }) => scope.split('/').slice(-4).join('/'))).toEqual([
    'managedClusters/aks-gitops/namespaces/argocd'
  ])
  expect((await world.apply(inputsIn(person))).outputs).toMatchObject({
    verification: 'verified',
    drift: 'false'
  })
  expect((await done(world, person)).log).toContain('Everything is set up.')
})

describe('each data action is needed', () => {
  test.each(['apps/deployments/write', 'secrets/read', 'serviceaccounts/write', 'customresources/write'])(
    'without %s it is red',
    async (action) => {
      await done(world, person)
      world.twin.azure.takeAway((one) => one === `${CLUSTERS}/${action}`)
      expect((await world.apply(inputsIn(person))).verdict.exitCode).toBe(1)
    }
  )

  test('they are those of docs/permissions, and no other', async () => {
    await done(world, person)
    const [dataActions = []] = shown().roleDefinitions.flatMap((one) =>
      one.dataActions.length > 0 ? [one.dataActions] : []
    )
    const documented = ROLES.find(({ file }) => file === 'docs/permissions/azure-role-kubernetes.json')
    expect(dataActions.toSorted()).toEqual(documented?.dataActions)
  })
})

test('it is of no use in another namespace', async () => {
  await done(world, person, { 'argocd-namespace': 'argocd' })
  const { outputs, verdict } = await world.apply({ ...inputsIn(person), 'argocd-namespace': 'default' })
  expect(verdict.exitCode).toBe(1)
  expect(outputs).toMatchObject({ changed: 'false' })
})

test('a custom role of the same name that is not ours: refused, or another name from a person', async () => {
  const { log } = await setUp(person, optionsFor(world, { 'dry-run': 'true' }))
  const [, name = ''] = /\+ custom role (Patless aks-gitops \w+)\n/.exec(log) ?? []
  world.twin.azure.foreignRole(name)
  await expect(setUp(person, optionsFor(world))).rejects.toThrow(
    `There is a custom role ${name} that Patless did not make`
  )
  const { questions, exitCode } = await setUp(person, optionsFor(world, { yes: 'false' }), (question) =>
    question.startsWith('Carry') ? 'y' : ''
  )
  expect(exitCode).toBe(0)
  expect(questions).toContain(`another name for the custom role [${name}-2]: `)
  // The role is known by its id, so nobody has to repeat its name.
  expect((await done(world, person)).log).toContain('Everything is set up.')
  expect((await world.apply(inputsIn(person))).outputs).toMatchObject({ verification: 'verified' })
})

test('--remove takes the assignment and the role away, whatever the cluster asks by then', async () => {
  await done(world, person)
  const { exitCode } = await setUp(person, optionsFor(world, { remove: 'true' }))
  expect(exitCode).toBe(0)
  expect(shown()).toMatchObject({ roleDefinitions: [], roleAssignments: [] })
})
