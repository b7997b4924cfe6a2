/** The cluster in one tenant; identity and organization in another. The twin's tenants refuse each other's tokens. */
import { beforeEach, describe, expect, test } from '@jest/globals'
import { useWorld } from '../world.ts'
import { IDS } from '../../sandbox/azure/state.ts'
import { wordsOf, type Inputs } from '../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import { InvalidInputs } from '../../src/config/inputs.ts'
import { parseInputs, type InputSource } from '../../src/config/parse.ts'
import type { Report } from '../../src/report/report.ts'

const TENANT = 'azure.workload.identity/tenant-id'
const OTHER: Inputs = {
  'resource-group': IDS.resourceGroup,
  'identity-tenant-id': IDS.otherTenantId,
  'identity-subscription-id': IDS.otherSubscriptionId,
  'identity-resource-group': IDS.otherResourceGroup,
  'identity-login-client-id': IDS.otherLoginClientId
}
const FAST: Inputs = { ...OTHER, verification: 'none' }

const world = useWorld()
beforeEach(() => {
  world.twin.defect('two-tenants')
})

const PODS = kindOf('', 'pods') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const annotations = (account = 'argocd-repo-server', namespace = 'argocd') =>
  world.twin.kubernetes.store.find(ACCOUNTS, namespace, account)?.metadata.annotations ?? {}
const fieldsOf = ({ resources }: Report): string[] =>
  resources.flatMap(({ differences }) => differences.map(({ field }) => field))

/** One pod as the webhook makes it for an account that names no tenant. */
function giveClustersTenant(): void {
  const { store } = world.twin.kubernetes
  const pod = store
    .list(PODS, 'argocd')
    .find(({ metadata }) => metadata.name.startsWith('argocd-repo-server')) as KubeObject & {
    spec: { containers: { env?: { name: string; value?: string }[] }[] }
  }
  const containers = pod.spec.containers.map((one) => ({
    ...one,
    env: one.env?.map((each) => (each.name === 'AZURE_TENANT_ID' ? { ...each, value: IDS.tenantId } : each))
  }))
  store.update(PODS, pod, { ...pod, spec: { ...pod.spec, containers } })
}

describe('apply', () => {
  test('builds the chain across both tenants, and Argo CD reads', async () => {
    const report = await world.apply(OTHER)
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(report.outputs['tenant-id']).toBe(IDS.otherTenantId)
    expect(report.login).toMatch(
      new RegExp(`${IDS.deployerClientId}; for the identity: .*${IDS.otherLoginClientId}`)
    )
    expect(annotations()).toMatchObject({ [TENANT]: IDS.otherTenantId })
    const { identities } = world.twin.azure.state() as { identities: { credentials: object[] }[] }
    expect(identities).toMatchObject([{ credentials: [{ issuer: world.twin.kubernetes.access.issuer }] }])
    expect(await world.check(OTHER)).toMatchObject({
      verdict: { exitCode: 0 },
      outputs: { drift: 'false', verification: 'verified' }
    })
  })

  test('no request of either login is refused: each goes to its own tenant only', async () => {
    await world.apply(FAST)
    const refused = world.twin.journal.entries.filter(({ status }) => status === 401)
    // The anonymous question for the organization's tenant is answered with 401.
    expect(refused.map(({ method, path }) => `${method} ${path}`)).toEqual(
      refused.map(() => `HEAD /${IDS.organization}`)
    )
  })

  test('a dry run shows the tenant that it would name', async () => {
    const { plan } = await world.apply({ ...FAST, 'dry-run': 'true' })
    expect(JSON.stringify(plan)).toContain(`{"field":"annotation ${TENANT}","after":"${IDS.otherTenantId}"}`)
    expect(world.writes()).toEqual([])
  })
})

describe('check', () => {
  beforeEach(async () => {
    await world.apply(FAST)
  })

  test('a pod with the tenant of the cluster is drift; apply replaces it', async () => {
    giveClustersTenant()
    const report = await world.check(FAST)
    expect(wordsOf(report).workload).toBe('drifted')
    expect(fieldsOf(report)).toEqual([expect.stringMatching(/^pod argocd-repo-server\S* AZURE_TENANT_ID$/)])
    expect((await world.apply(FAST)).outputs.changed).toBe('true')
    expect((await world.check(FAST)).outputs.drift).toBe('false')
  })

  test('an account that no longer names the tenant is drift: the next pod would get the tenant of the cluster', async () => {
    const account = world.twin.kubernetes.store.find(ACCOUNTS, 'argocd', 'argocd-repo-server') as KubeObject
    const left = Object.entries(account.metadata.annotations ?? {}).filter(([name]) => name !== TENANT)
    const metadata = { ...account.metadata, annotations: Object.fromEntries(left) }
    world.twin.kubernetes.store.update(ACCOUNTS, account, { ...account, metadata })
    expect(fieldsOf(await world.check(FAST))).toEqual([`annotation ${TENANT}`])
    await world.apply(FAST)
    expect(annotations()).toMatchObject({ [TENANT]: IDS.otherTenantId })
  })

  test('remove takes everything back in both tenants', async () => {
    const report = await world.remove(OTHER)
    expect(report.verdict.exitCode).toBe(0)
    const { identities, members } = world.twin.azure.state() as Record<'identities' | 'members', object[]>
    expect(identities).toEqual([])
    expect(members.map((one) => (one as { principalId: string }).principalId)).toEqual([
      IDS.deployerPrincipalId,
      IDS.otherLoginPrincipalId
    ])
    expect(Object.keys(annotations())).not.toContain(TENANT)
  })
})

describe('one clear error, and nothing is written', () => {
  const refused = async (inputs: Inputs) => {
    const report = await world.apply({ ...OTHER, ...inputs })
    expect(report.verdict.exitCode).toBe(1)
    expect(world.writes()).toEqual([])
    return report.findings.filter(({ severity }) => severity === 'error')
  }

  test('the tenants are swapped, with their applications or without', async () => {
    const swapped = { 'tenant-id': IDS.otherTenantId, 'identity-tenant-id': IDS.tenantId }
    const applications = {
      'client-id': IDS.otherLoginClientId,
      'identity-login-client-id': IDS.deployerClientId
    }
    for (const inputs of [swapped, { ...swapped, ...applications }]) {
      const errors = await refused(inputs)
      expect(errors).toMatchObject([
        {
          id: 'login/tenants-swapped',
          expected: IDS.tenantId,
          actual: IDS.otherTenantId,
          remedy: expect.stringContaining(`tenant-id: ${IDS.tenantId}`)
        }
      ])
    }
  })

  test('the organization is in a third tenant', async () => {
    const third = '11111111-2222-4333-8444-555555555555'
    expect(await refused({ 'identity-tenant-id': third })).toMatchObject([
      {
        id: 'entitlement/other-tenant',
        expected: third,
        actual: IDS.otherTenantId,
        remedy: expect.stringContaining(`identity-tenant-id: ${IDS.otherTenantId}`)
      }
    ])
  })

  test('only the applications are swapped: each tenant says which inputs name it', async () => {
    const [error] = await refused({
      'client-id': IDS.otherLoginClientId,
      'identity-login-client-id': IDS.deployerClientId
    })
    expect(error).toMatchObject({ id: 'login/application-unknown' })
    const [second] = await refused({ 'identity-login-client-id': IDS.deployerClientId })
    expect(second).toMatchObject({
      id: 'login/application-unknown',
      remedy: expect.stringContaining('check identity-login-client-id and identity-tenant-id')
    })
  })

  test('a subscription of the wrong tenant', async () => {
    // The other tenant's, where the cluster is looked for.
    const [error] = await refused({
      'subscription-id': IDS.otherSubscriptionId,
      'identity-subscription-id': IDS.subscriptionId
    })
    expect(error).toMatchObject({
      id: 'azure/subscription-of-another-tenant',
      expected: `a login of tenant ${IDS.otherTenantId}`,
      actual: `a login of tenant ${IDS.tenantId}`,
      remedy: expect.stringContaining('identity-subscription-id')
    })
  })

  test('a right that the second login is missing names that login, and the role', async () => {
    world.twin.azure.assignOther([
      { scope: `/subscriptions/${IDS.otherSubscriptionId}`, actions: ['*/read'] }
    ])
    const errors = await refused({})
    expect(errors.map(({ id, command = '' }) => `${id} ${command}`)).toEqual(
      ['write', 'federatedIdentityCredentials/write'].map(() =>
        expect.stringContaining(`--assignee ${IDS.otherLoginClientId}`)
      )
    )
  })

  test('somebody else chose another tenant for the account', async () => {
    world.twin.defect('annotation-wrong-tenant')
    expect(await refused({})).toMatchObject([{ id: 'workload/other-tenant' }])
  })
})

describe('inputs that contradict each other', () => {
  const REPOSITORY = 'https://dev.azure.com/contoso/shop/_git/app'
  const faults = (inputs: Inputs, source: InputSource = {}): string[] => {
    const given = { cluster: 'aks-gitops', 'repository-url': REPOSITORY, ...inputs }
    try {
      parseInputs(new Map(Object.entries(given)), {}, [], source)
      return []
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputs)
      return (error as InvalidInputs).faults.map(({ input }) => input)
    }
  }
  const without = (...names: readonly string[]): Inputs =>
    Object.fromEntries(Object.entries(OTHER).filter(([name]) => !names.includes(name)))
  const PIPELINES: InputSource = {
    hostKind: 'azure-pipelines',
    connectedIdentity: { tenantId: IDS.otherTenantId, subscriptionId: IDS.otherSubscriptionId }
  }
  const CONNECTED: Inputs = {
    'identity-service-connection': 'c0ffee00-1111-4222-8333-444455557777',
    'identity-resource-group': IDS.otherResourceGroup
  }

  test('what another tenant needs is asked for at once', () => {
    const missing = ['identity-subscription-id', 'identity-resource-group']
    expect(faults(without(...missing))).toEqual(missing)
  })

  test('a login without its tenant, the subscription of the cluster in another tenant', () => {
    expect(faults(without('identity-tenant-id'))).toEqual(['identity-tenant-id'])
    const own = { 'subscription-id': IDS.subscriptionId, 'identity-subscription-id': IDS.subscriptionId }
    expect(faults({ ...OTHER, ...own })).toEqual(['identity-subscription-id'])
  })

  test('on Azure Pipelines the second service connection says tenant and subscription', () => {
    expect(faults(CONNECTED, PIPELINES)).toEqual([])
    const { tenantId } = IDS
    expect(faults({ ...CONNECTED, 'identity-tenant-id': tenantId }, PIPELINES)).toEqual([
      'identity-tenant-id'
    ])
    const subscription = { 'identity-subscription-id': IDS.subscriptionId }
    expect(faults({ ...CONNECTED, ...subscription }, PIPELINES)).toEqual(['identity-subscription-id'])
    expect(faults(without('identity-login-client-id'), { hostKind: 'azure-pipelines' })).toEqual([
      'identity-service-connection'
    ])
    expect(faults(CONNECTED, { hostKind: 'azure-pipelines' })).toEqual(['identity-tenant-id'])
  })

  test('an audit asks the cluster alone: it takes none of them', () => {
    const audit = { mode: 'audit', 'repository-url': '' }
    const { 'identity-tenant-id': tenant = '' } = OTHER
    expect(faults({ ...audit, 'identity-tenant-id': tenant })).toEqual(['identity-tenant-id'])
  })

  test('another subscription of the same tenant needs no second login', () => {
    const inputs = {
      cluster: 'aks',
      'repository-url': REPOSITORY,
      'identity-subscription-id': IDS.subscriptionId
    }
    const desired = parseInputs(new Map(Object.entries(inputs)), {})
    expect(desired).toMatchObject({ identity: { subscriptionId: IDS.subscriptionId } })
    expect(desired).not.toHaveProperty('identityLogin')
  })
})

test('a webhook that was installed for another tenant is seen in the pods, and the account names the right one', async () => {
  world.twin.reset()
  await world.apply({ verification: 'none' })
  const { store } = world.twin.kubernetes
  for (const pod of store.list(PODS, 'argocd') as (KubeObject & {
    spec: { containers: { env?: { name: string; value?: string }[] }[] }
  })[]) {
    const containers = pod.spec.containers.map((one) => ({
      ...one,
      env: one.env?.map((each) =>
        each.name === 'AZURE_TENANT_ID' ? { ...each, value: IDS.otherTenantId } : each
      )
    }))
    store.update(PODS, pod, { ...pod, spec: { ...pod.spec, containers } })
  }
  expect(fieldsOf(await world.check({ verification: 'none' }))).toContain(`annotation ${TENANT}`)
  await world.apply({ verification: 'none' })
  expect(annotations()).toMatchObject({ [TENANT]: IDS.tenantId })
})
