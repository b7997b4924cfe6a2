/** Set-up where the cluster is in one tenant, and identity and organization are in another. */
import { beforeEach, expect, test } from '@jest/globals'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { IDS } from '../../sandbox/azure/state.ts'
import { runAzurePipelinesJob } from '../../sandbox/job.ts'
import { personAt, setUp, type Person } from '../../sandbox/person.ts'
import { useWorld } from '../world.ts'
import { agentJobOf, done, FILE, inputsIn, optionsFor } from './pipeline.ts'

const BOTH = [IDS.tenantId, IDS.otherTenantId]
const OPTIONS = {
  'tenant-id': IDS.tenantId,
  'identity-subscription-id': IDS.otherSubscriptionId,
  'identity-resource-group': IDS.otherResourceGroup
}

const world = useWorld()
let person: Person
beforeEach(() => {
  world.twin.defect('two-tenants')
  person = personAt(world.twin, BOTH)
})

test('from nothing: the tenant is found, set-up makes a login in each, and the pipeline can apply and check', async () => {
  const { log } = await done(world, person, OPTIONS)
  expect(log).toContain(`(tenant ${IDS.otherTenantId})`)
  const inputs = inputsIn(person)
  expect(inputs).toMatchObject({
    'tenant-id': IDS.tenantId,
    'identity-tenant-id': IDS.otherTenantId,
    'identity-subscription-id': IDS.otherSubscriptionId,
    'identity-resource-group': IDS.otherResourceGroup
  })
  expect(inputs['identity-login-client-id']).not.toBe(inputs['client-id'])
  const { outputs, findings } = await world.apply(inputs)
  expect(findings.filter(({ id }) => id !== 'verification/other-namespaces-unseen')).toEqual([])
  expect(outputs).toMatchObject({
    verification: 'verified',
    drift: 'false',
    'tenant-id': IDS.otherTenantId
  })
  expect((await world.check(inputs)).outputs).toMatchObject({ verification: 'verified', drift: 'false' })
})

test('on Azure Pipelines: a service connection to each tenant, and an agent that has both is verified', async () => {
  await done(world, person, { ...OPTIONS, host: 'azure-pipelines' })
  const ran = await runAzurePipelinesJob(agentJobOf(world.twin, person))
  expect(ran.stdout).not.toContain('task.logissue type=error')
  expect(ran.outputs).toMatchObject({ verification: 'verified', drift: 'false' })
})

test('an application in each tenant', async () => {
  await done(world, person, { ...OPTIONS, login: 'application' })
  expect((await world.apply(inputsIn(person))).outputs).toMatchObject({ verification: 'verified' })
})

test('each login has the rights of its own tenant only', async () => {
  await done(world, person, OPTIONS)
  const { azure } = world.twin.state() as {
    azure: { roleDefinitions: { actions: string[] }[] }
  }
  const actions = azure.roleDefinitions.map((one) => one.actions)
  expect(actions).toHaveLength(2)
  for (const own of actions) {
    const services = new Set(
      own.map((one) => one.split('/')[0]).filter((one) => one !== 'Microsoft.Authorization')
    )
    expect(services.size).toBe(1)
  }
})

test('again, it writes nothing; --remove takes all of it away in both tenants', async () => {
  const before = JSON.stringify(world.twin.state())
  await done(world, person, OPTIONS)
  world.twin.journal.clear()
  expect((await done(world, person, OPTIONS)).log).toContain('Everything is set up.')
  expect(world.writes()).toEqual([])
  await setUp(person, optionsFor(world, { ...OPTIONS, remove: 'true' }))
  rmSync(join(person.folder, FILE), { force: true })
  await world.remove({
    'resource-group': IDS.resourceGroup,
    'identity-tenant-id': IDS.otherTenantId,
    'identity-subscription-id': IDS.otherSubscriptionId,
    'identity-resource-group': IDS.otherResourceGroup,
    'identity-login-client-id': IDS.otherLoginClientId
  })
  expect(JSON.stringify(world.twin.state())).toBe(before)
})

test('an az that is not logged in to the tenant of the organization: which one, before the first write', async () => {
  const alone = personAt(world.twin)
  await expect(setUp(alone, optionsFor(world, OPTIONS))).rejects.toThrow(
    `The identities belong in tenant ${IDS.otherTenantId}, to which contoso is connected, and az is not logged in to it.`
  )
  expect(world.writes()).toEqual([])
})

test('tenants swapped: the organization says which one is its own, and nothing is written', async () => {
  const swapped = { ...OPTIONS, 'tenant-id': IDS.otherTenantId, 'identity-tenant-id': IDS.tenantId }
  const ran = await setUp(person, optionsFor(world, swapped)).then(
    ({ log }) => log,
    (error: unknown) => String(error)
  )
  expect(ran).toMatch(/swapped|connected to/)
  expect(world.writes()).toEqual([])
})
