import { beforeAll, describe, expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { needsAction } from '../../src/report/findings.ts'
import { useWorld } from '../world.ts'
import { ACCOUNTS, DEPLOYMENTS, inCluster, leftOf, SECRETS } from './left.ts'
import { ALL_REMOVED, NOTHING, summaryOf } from './words.ts'

const world = useWorld()
let untouched: number
beforeAll(() => {
  untouched = world.twin.kubernetes.store.list(SECRETS, 'argocd').length
})

describe('remove', () => {
  test('takes away what apply made, in reverse order, and says what before it does', async () => {
    await world.apply()
    world.twin.journal.clear()
    world.printed.length = 0
    const report = await world.remove()
    expect(wordsOf(report)).toEqual(ALL_REMOVED)
    expect(summaryOf(report, 'cluster')).toMatch(/^kept, others may depend on it: /)
    expect(report.verdict.exitCode).toBe(0)
    expect(report.findings.filter(needsAction)).toEqual([])
    expect(report.outputs).toMatchObject({ changed: 'true', drift: 'false', verification: 'skipped' })
    expect(leftOf(world).identities).toEqual([])
    expect(leftOf(world).members).toHaveLength(1)
    expect(world.twin.kubernetes.store.list(SECRETS, 'argocd')).toHaveLength(untouched)
    expect(JSON.stringify(inCluster(world, ACCOUNTS, 'argocd-repo-server').metadata)).not.toContain(
      'azure.workload'
    )
    expect(JSON.stringify(inCluster(world, DEPLOYMENTS, 'argocd-repo-server'))).not.toContain(
      'azure.workload'
    )
    expect(
      world.writes().map((line) => line.replaceAll(/[0-9a-f-]{36}|repo-\d+|-[0-9a-f]{8}$/g, '*'))
    ).toEqual([
      'kubernetes DELETE /api/v1/namespaces/argocd/secrets/*',
      'kubernetes PATCH /apis/apps/v1/namespaces/argocd/deployments/argocd-repo-server',
      'kubernetes PATCH /api/v1/namespaces/argocd/serviceaccounts/argocd-repo-server',
      'entitlements PATCH /contoso/_apis/serviceprincipalentitlements/*',
      'entitlements DELETE /contoso/_apis/serviceprincipalentitlements/*',
      expect.stringMatching(/^arm DELETE .*federatedIdentityCredentials/),
      expect.stringMatching(/^arm DELETE .*id-argocd-aks-gitops$/)
    ])
    const said = world.printed.filter((line) => line.startsWith('… Removing '))
    expect(said).toHaveLength(6)
    expect(said[0]).toMatch(/^… Removing Secret argocd\/repo-\d+\.$/)
    expect(said[5]).toBe('… Removing managed identity id-argocd-aks-gitops in rg-gitops.')
  })

  test('twice is in order, and writes nothing', async () => {
    await world.applied()
    await world.remove()
    world.twin.journal.clear()
    const report = await world.remove()
    expect(wordsOf(report)).toEqual(NOTHING)
    expect(report.verdict).toMatchObject({ exitCode: 0, summary: 'Nothing to remove.' })
    expect(world.writes()).toEqual([])
  })

  test('and apply builds it all again', async () => {
    await world.applied()
    await world.remove()
    expect((await world.apply({ verification: 'access' })).outputs.verification).toBe('verified')
  })

  test('dry-run shows it, without a write', async () => {
    await world.applied()
    world.twin.journal.clear()
    const report = await world.remove({ 'dry-run': 'true' })
    expect(world.writes()).toEqual([])
    expect(wordsOf(report)).toMatchObject({
      identity: 'drifted',
      connection: 'drifted',
      cluster: 'unchanged'
    })
    expect(report.mode).toBe('dry-run')
    expect(report.verdict.exitCode).toBe(0)
    expect((await world.check({ verification: 'none' })).outputs).toMatchObject({ drift: 'false' })
  })

  test('of access to one repository takes away its entry', async () => {
    await world.apply({ access: 'repository', verification: 'none' })
    const report = await world.remove({ access: 'repository' })
    expect(wordsOf(report)).toEqual(ALL_REMOVED)
  })

  test('a missing right is named before the first write', async () => {
    await world.applied()
    world.twin.defect('arm-reader-only')
    world.twin.journal.clear()
    const report = await world.remove()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.map(({ expected }) => expected)).toEqual([
      'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/delete',
      'Microsoft.ManagedIdentity/userAssignedIdentities/delete'
    ])
    expect(world.writes()).toEqual([])
  })
})

describe('remove leaves, and says why,', () => {
  test('all but the Secret while Argo CD reads other repositories with it', async () => {
    const { repositoryUrl } = world.twin.azure.ids
    const other = repositoryUrl.replace(/app$/, 'infra')
    await world.apply({ 'repository-url': `${repositoryUrl}\n${other}`, verification: 'none' })
    const report = await world.remove()
    expect(wordsOf(report)).toEqual({
      ...Object.fromEntries(Object.keys(ALL_REMOVED).map((hop) => [hop, 'skipped'])),
      cluster: 'unchanged',
      argocd: 'unchanged',
      connection: 'removed'
    })
    expect(summaryOf(report, 'workload')).toContain(other)
    expect(
      (await world.check({ 'repository-url': other, verification: 'access' })).outputs.verification
    ).toBe('verified')
  })

  test('everything when it cannot read what there is', async () => {
    await world.applied()
    world.twin.defect('argocd-absent')
    world.twin.journal.clear()
    const report = await world.remove()
    expect(report.verdict.exitCode).toBe(1)
    expect(world.writes()).toEqual([])
  })
})
