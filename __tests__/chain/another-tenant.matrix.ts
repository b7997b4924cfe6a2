/** The identity in another tenant than the cluster: every way to install Argo CD, and the modes that move Secrets. */
import { beforeEach, expect, test } from '@jest/globals'
import { IDS } from '../../sandbox/azure/state.ts'
import { runInProcess, type Inputs } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { personAt } from '../../sandbox/person.ts'
import { compared, storePat, urlOf, useIt } from '../migration/pats.ts'
import { useWorld } from '../world.ts'

const OTHER: Inputs = {
  'resource-group': IDS.resourceGroup,
  'identity-tenant-id': IDS.otherTenantId,
  'identity-subscription-id': IDS.otherSubscriptionId,
  'identity-resource-group': IDS.otherResourceGroup,
  'identity-login-client-id': IDS.otherLoginClientId
}

const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const world = useWorld()
beforeEach(() => {
  world.twin.defect('two-tenants')
})

test.each([
  'argocd-3-2-0',
  'helm-install',
  'helm-default-account',
  'self-managed-install',
  'operator-install',
  'openshift-install',
  'extension-install'
])(
  '%s: the account names the tenant, the finding names its source, and remove takes it back',
  async (install) => {
    world.twin.defect(install)
    const report = await world.apply({ ...OTHER, verification: 'access' })
    expect(report.verdict.summary).toBe('Changed, verified.')
    const lasting = report.findings.find(({ id }) => /helm-values|self-managed/.test(id))
    expect(lasting === undefined).toBe(!/helm|self/.test(install))
    if (lasting) expect(lasting.remedy).toContain(IDS.otherTenantId)
    expect((await world.check({ ...OTHER, verification: 'none' })).outputs.drift).toBe('false')
    const removed = await world.remove(OTHER)
    expect(removed.verdict.exitCode).toBe(0)
    expect(JSON.stringify(world.twin.kubernetes.store.list(ACCOUNTS))).not.toContain(IDS.otherTenantId)
  }
)

test('in a terminal, az is logged in to both tenants', async () => {
  const { twin, printed } = world
  const person = personAt(twin, [IDS.tenantId, IDS.otherTenantId])
  const environment = { ...twin.environment, ...(person.environment as Record<string, string>) }
  const inputs = { ...OTHER, 'client-id': '', 'tenant-id': '', 'identity-login-client-id': '' }
  const report = await runInProcess(
    { ...inputs, mode: 'apply', verification: 'access' },
    { environment, temporary: twin.temporary, azure: twin.azure, timeout: 20_000, printed }
  )
  expect(report.verdict.summary).toBe('Changed, verified.')
  expect(report.login).toMatch(/^the az login, as ada.*; for the identity: the az login, as ada/)
  expect(report.outputs['tenant-id']).toBe(IDS.otherTenantId)
})

test('without az, what the environment has is for one tenant: the second login is asked for', async () => {
  const inputs = { ...OTHER, 'identity-login-client-id': '', 'client-id': '', 'tenant-id': '' }
  const { twin } = world
  const environment = {
    ...twin.environment,
    MSI_ENDPOINT: `${twin.azure.urls.msi}/msi/token`,
    PATH: '/nowhere'
  }
  const report = await runInProcess(
    { ...inputs, mode: 'apply', verification: 'none' },
    { environment, temporary: twin.temporary, azure: twin.azure }
  )
  expect(report.findings).toMatchObject([
    { id: 'login/none', remedy: expect.stringContaining('identity-login-client-id') }
  ])
})

test('a migration moves to an identity in the tenant of the organization, and back', async () => {
  const url = urlOf(world, 'app')
  storePat(world, 'pat-1', url)
  useIt(world, 'app-1', url)
  await compared(world)
  const inputs = { ...OTHER, 'repository-url': '' }
  const moved = await world.run({ ...inputs, mode: 'migrate' })
  expect(moved.outputs.verification).toBe('verified')
  expect((await world.run({ ...inputs, mode: 'rollback' })).verdict.exitCode).toBe(0)
})
