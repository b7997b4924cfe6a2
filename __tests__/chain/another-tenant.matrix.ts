/** The identity in another tenant than the cluster: every way to install Argo CD, and the modes that move Secrets. */
import { beforeEach, expect, test } from '@jest/globals'
import { IDS } from '../../sandbox/azure/state.ts'
import type { Inputs } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
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
])('%s: the account names the tenant, its source is told, and remove takes it back', async (install) => {
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
