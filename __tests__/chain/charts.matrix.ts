/** Charts: drift, modes of a registry, what the registry is, and what somebody else made. */
import { describe, expect, test } from '@jest/globals'
import { IDS } from '../../sandbox/azure/state.ts'
import { passTime, resetTime } from '../../sandbox/clock.ts'
import { wordsOf } from '../../sandbox/in-process.ts'
import { useWorld } from '../world.ts'
import { CHARTS, HOST, QUICK, rolesOf, secretsOf } from './charts.ts'

const world = useWorld()
const READER = 'b93aa761-3e63-49ed-ac28-beffa264f7ac'

describe('drift, which apply fixes', () => {
  test.each([
    ['registry-role-taken', 'registry', /AcrPull on/],
    ['chart-secret-deleted', 'charts', /Helm repository Secret/],
    ['chart-secret-type-git', 'charts', /type/],
    ['chart-secret-without-oci', 'charts', /enableOCI/],
    ['chart-secret-without-flag', 'charts', /useAzureWorkloadIdentity/]
  ])('%s', async (defect, resource, field) => {
    await world.applied()
    await world.apply(QUICK)
    world.twin.defect(defect)
    const drift = await world.check({ ...QUICK })
    expect(drift.verdict.exitCode).toBe(2)
    const found = drift.resources.find((one) => one.resource === resource)
    expect(found?.differences.map((one) => one.field).join()).toMatch(field)
    expect((await world.apply(QUICK)).verdict.summary).toBe('Changed, verified.')
    expect((await world.check(QUICK)).verdict.exitCode).toBe(0)
  })
})

describe('a registry with permissions by repository', () => {
  test('gets the role that counts there', async () => {
    await world.applied()
    world.twin.defect('registry-by-repository')
    const report = await world.apply(QUICK)
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(rolesOf(world)).toEqual([`${READER} on contosocharts`])
  })

  test('AcrPull from before is reported as ignored, and taken with the rest', async () => {
    await world.applied()
    await world.apply(QUICK)
    world.twin.defect('registry-by-repository')
    const report = await world.apply(QUICK)
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(report.findings).toMatchObject([{ id: 'registry/role-ignored', severity: 'note' }])
    await world.remove(CHARTS)
    expect(rolesOf(world)).toEqual([])
  })

  test('without a chart, nothing can be read there: inconclusive, with the way out', async () => {
    await world.applied()
    world.twin.defect('registry-by-repository')
    const report = await world.apply({ registries: HOST, verification: 'access' })
    expect(report.verifications.charts?.result).toBe('inconclusive')
    expect(report.findings).toMatchObject([{ id: 'registry/not-listed' }])
  })

  test('a condition that leaves the chart out is found by reading it', async () => {
    await world.applied()
    for (const one of ['registry-by-repository', 'registry-reader-of-some']) world.twin.defect(one)
    // The role may still be on its way.
    world.twin.journal.forge({
      service: 'registry',
      method: 'HEAD',
      times: 1,
      forge: (_call, real) => {
        passTime(40_000)
        return real()
      }
    })
    const report = await world.check(QUICK)
    resetTime()
    const ids = report.findings.map(({ id }) => id)
    expect(ids).toContain('registry/conditional-role')
    expect(ids).toContain('registry/pull-refused')
  })
})

describe('what the registry is, with the remedy', () => {
  test.each([
    ['registry-no-arm-tokens', 'registry/arm-tokens-refused', 'error', /AZURE_ARM_TOKEN_RESOURCE/],
    ['registry-firewall', 'registry/network-refused', 'warning', /network-rule list/],
    ['registry-private', 'registry/out-of-reach', 'warning', /in that network/],
    ['registry-quarantine', 'registry/chart-missing', 'error', /quarantine/],
    ['registry-strange-realm', 'registry/strange-challenge', 'error', /find out who answers/],
    ['registry-failed', 'registry/not-ready', 'warning', /update the registry/],
    ['registry-anonymous', 'registry/anonymous-pull', 'note', /--anonymous-pull-enabled false/]
  ])('%s', async (defect, id, severity, remedy) => {
    await world.applied()
    world.twin.defect(defect)
    const report = await world.apply({ ...QUICK, 'verification-timeout': '1' })
    const found = report.findings.find((one) => one.id === id)
    expect(found).toMatchObject({ severity })
    expect([found?.remedy, found?.command].join(' ')).toMatch(remedy)
  })

  test('with the setting of its repo-server, Argo CD reads where tokens for Azure are refused', async () => {
    await world.applied()
    for (const one of ['registry-no-arm-tokens', 'repo-server-acr-tokens']) world.twin.defect(one)
    expect((await world.apply(QUICK)).verdict.summary).toBe('Changed, verified.')
  })

  test('Applications and Secrets of type oci are named: Argo CD gives them no identity', async () => {
    await world.applied()
    world.twin.defect('chart-of-type-oci')
    const report = await world.apply(QUICK)
    const found = report.findings.find(({ id }) => id === 'charts/oci-without-identity')
    expect(found?.summary).toMatch(/Secret of-type-oci, Application argocd\/of-type-oci/)
  })
})

describe('with the identity in another tenant', () => {
  const OTHER = {
    'identity-tenant-id': IDS.otherTenantId,
    'identity-subscription-id': IDS.otherSubscriptionId,
    'identity-resource-group': IDS.otherResourceGroup,
    'identity-login-client-id': IDS.otherLoginClientId,
    verification: 'access'
  }

  test('its registries are those of its own tenant', async () => {
    world.twin.defect('two-tenants')
    const report = await world.apply({ ...OTHER, registries: 'identitycharts.azurecr.io/charts/app:1.2.3' })
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(report.verifications.charts?.result).toBe('verified')
    const removed = await world.remove({ ...OTHER, registries: 'identitycharts.azurecr.io/charts/app:1.2.3' })
    expect(wordsOf(removed)).toMatchObject({ registry: 'removed', charts: 'removed' })
  })

  test('one of the tenant of the cluster is not found, and nothing is written', async () => {
    world.twin.defect('two-tenants')
    const report = await world.apply({ ...OTHER, ...CHARTS })
    expect(report.findings.find(({ resource }) => resource === 'registry')).toMatchObject({
      id: 'registry/not-found',
      summary: expect.stringContaining(IDS.otherSubscriptionId)
    })
    expect(world.writes()).toEqual([])
  })
})

describe('what somebody else made', () => {
  test('a role from above or by hand counts, and stays', async () => {
    await world.applied()
    world.twin.defect('registry-role-of-group')
    world.twin.defect('registry-role-by-hand')
    expect(wordsOf(await world.apply(QUICK))).toMatchObject({ registry: 'unchanged' })
    const removed = await world.remove(CHARTS)
    expect(removed.verdict.exitCode).toBe(0)
    expect(rolesOf(world)).toHaveLength(2)
  })

  test('a Secret with a password works, with a warning, and stays', async () => {
    await world.applied()
    world.twin.defect('chart-secret-by-hand')
    const report = await world.apply(QUICK)
    expect(report.findings).toMatchObject([{ id: 'charts/stored-credentials', severity: 'warning' }])
    await world.remove(CHARTS)
    expect(secretsOf(world, `${HOST}/charts`)).toHaveLength(1)
  })

  test('a value that somebody else wrote is not changed', async () => {
    await world.applied()
    world.twin.defect('chart-secret-by-hand')
    world.twin.defect('chart-secret-without-oci')
    world.twin.defect('chart-secret-flag-no')
    const report = await world.apply(QUICK)
    expect(report.findings.find(({ id }) => id === 'charts/not-ours')?.command).toMatch(
      /^kubectl -n argocd patch/
    )
  })
})
