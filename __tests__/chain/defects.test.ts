import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import type { ResourceKind } from '../../src/core/finding-titles.ts'

let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest()
})
afterAll(() => world.twin.close())
beforeEach(() => {
  world.twin.reset()
})

describe('drift that apply mends', () => {
  const CASES: readonly (readonly [defect: string, hop: ResourceKind, field: RegExp])[] = [
    ['credential-subject', 'federated-credential', /subject/],
    ['credential-subject-case', 'federated-credential', /subject/],
    ['credential-issuer-slash', 'federated-credential', /issuer/],
    ['credential-issuer-other', 'federated-credential', /issuer/],
    ['credential-audience', 'federated-credential', /audiences/],
    ['credential-deleted', 'federated-credential', /federated credential/],
    ['identity-deleted', 'identity', /managed identity/],
    ['identity-recreated', 'federated-credential', /federated credential/],
    ['not-a-member', 'entitlement', /member/],
    ['stakeholder', 'entitlement', /access level/],
    ['member-disabled', 'entitlement', /status/],
    ['not-a-reader', 'permission', /Readers of shop/],
    ['annotation-removed', 'workload', /annotation .*client-id/],
    ['annotation-wrong-client', 'workload', /annotation .*client-id/],
    ['annotation-wrong-tenant', 'workload', /annotation .*tenant-id/],
    ['label-removed', 'workload', /pod template label/],
    ['label-capital', 'workload', /pod template label/],
    ['label-on-deployment-only', 'workload', /pod template label/],
    ['pod-stale', 'workload', /pod .* AZURE_CLIENT_ID/],
    ['secret-deleted', 'connection', /repository Secret/],
    ['secret-flag-missing', 'connection', /useAzureWorkloadIdentity/],
    ['secret-flag-yes', 'connection', /useAzureWorkloadIdentity/],
    ['secret-type-helm', 'connection', /type/],
    ['secret-url-slash', 'connection', /repository Secret/],
    ['helm-install', 'federated-credential', /federated credential|subject/]
  ]

  test.each(CASES)('%s: %s', async (defect, hop, field) => {
    await world.apply({ verification: 'none' })
    world.twin.defect(defect)
    const drift = await world.check()
    expect(drift.verdict.exitCode).toBe(2)
    expect(drift.outputs).toMatchObject({ drift: 'true', verification: 'failed' })
    const found = drift.resources.find((one) => one.resource === hop)
    expect(['drifted', 'missing']).toContain(found?.result)
    expect(found?.differences.map((change) => change.field).join('\n')).toMatch(field)
    const mended = await world.apply({ verification: 'access' })
    expect(mended.verdict.summary).toBe('Changed, verified.')
    expect((await world.check({ verification: 'none' })).outputs).toMatchObject({ drift: 'false' })
  })
})

describe('what apply must not touch stops it before the first write', () => {
  const CASES: readonly (readonly [defect: string, hop: ResourceKind, reason: RegExp, remedy: RegExp])[] = [
    ['secret-password', 'connection', /holds credentials \(password, username\)/, /remove these keys/],
    ['secret-username', 'connection', /holds credentials \(username\)/, /remove these keys/],
    ['secret-duplicate', 'connection', /Two Secrets/, /delete one/],
    ['read-denied', 'permission', /denied/, /remove the Deny/],
    ['env-set-by-hand', 'workload', /AZURE_CLIENT_ID is set by hand/, /set env/],
    ['client-secret-on-pod', 'workload', /AZURE_CLIENT_SECRET is set by hand/, /set env/],
    ['argocd-3-1-0', 'argocd', /every fetch fails/, /upgrade Argo CD/],
    ['argocd-2-14', 'argocd', /has no workload identity/, /upgrade Argo CD/],
    ['issuer-disabled', 'cluster', /oidcIssuerProfile.enabled is off/, /configure-cluster: true/],
    [
      'workload-identity-disabled',
      'cluster',
      /workloadIdentity.enabled is off/,
      /--enable-workload-identity/
    ],
    ['service-account-missing', 'workload', /does not exist/, /create serviceaccount/],
    ['secret-project', 'connection', /for project team-a only/, /argocd-project: team-a to connect/]
  ]

  test('a Secret of our name that Argo CD does not read is told, not overwritten', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('secret-label-wrong')
    const report = await world.apply()
    expect(report.findings.find(({ resource }) => resource === 'connection')?.summary).toMatch(
      /without the label/
    )
  })

  test.each(CASES)('%s', async (defect, hop, reason, remedy) => {
    const inputs = defect === 'read-denied' ? { access: 'repository' } : {}
    await world.apply({ ...inputs, verification: 'none' })
    world.twin.defect(defect)
    world.twin.journal.clear()
    const refused = await world.apply(inputs)
    expect(refused.verdict.exitCode).toBe(1)
    expect(refused.outputs.verification).not.toBe('verified')
    const problem = refused.findings.find((one) => one.resource === hop)
    expect(problem?.summary).toMatch(reason)
    expect(problem?.remedy).toMatch(remedy)
    expect(world.writes()).toEqual([])
    const checked = await world.check(inputs)
    expect(checked.verdict.exitCode).toBe(2)
    expect(checked.outputs.verification).not.toBe('verified')
  })
})

describe('failures name the hop, the reason and the remedy', () => {
  const CASES: readonly (readonly [defect: string, hop: ResourceKind, reason: RegExp])[] = [
    ['cluster-deleted', 'cluster', /no AKS cluster aks-gitops/],
    ['arm-no-user-credential', 'argocd', /listClusterUserCredential/],
    ['argocd-absent', 'argocd', /no Argo CD repo-server/],
    ['two-argocds', 'argocd', /several Argo CD/],
    ['rbac-none', 'argocd', /lacks a right in the cluster/]
  ]

  test.each(CASES)('%s: %s', async (defect, hop, reason) => {
    world.twin.defect(defect)
    const report = await world.apply()
    expect(report.verdict.exitCode).toBe(1)
    const problem = report.findings.find((one) => one.resource === hop)
    expect(problem?.summary).toMatch(reason)
    expect(problem?.remedy.length).toBeGreaterThan(10)
    expect(world.writes()).toEqual([])
    expect(report.outputs.verification).not.toBe('verified')
  })

  test('two Argo CDs: the error lists them, argocd-namespace chooses', async () => {
    world.twin.defect('two-argocds')
    const report = await world.apply()
    expect(report.findings[0]?.actual).toMatch(
      /^argocd\/argocd-repo-server \(.*Service argocd-repo-server.*\); argocd-team\/argocd-repo-server \(/
    )
    expect((await world.apply({ 'argocd-namespace': 'argocd' })).outputs.verification).toBe('verified')
  })

  test.each([
    ['arm-reader-only', /Azure right Microsoft\.ManagedIdentity\/userAssignedIdentities\/write/],
    ['devops-not-admin', /may not add members/],
    ['rbac-readonly', /may not patch serviceaccounts argocd-repo-server in namespace argocd/]
  ])('%s: the missing right is named exactly, before any write', async (defect, right) => {
    world.twin.defect(defect)
    const report = await world.apply()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.map(({ summary: what }) => what).join('\n')).toMatch(right)
    expect(world.writes()).toEqual([])
  })

  test('an organization of another tenant is told with both tenants', async () => {
    world.twin.defect('organization-other-tenant')
    const report = await world.apply()
    const problem = report.findings.find(({ resource }) => resource === 'entitlement')
    expect(report.verdict.exitCode).toBe(1)
    expect(problem?.summary).toMatch(/another Entra tenant/)
    expect(problem?.expected).toBe(world.twin.azure.ids.tenantId)
  })

  test('the twenty-first credential is refused with a way out', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('credentials-full')
    const report = await world.apply()
    expect(report.findings.find(({ resource }) => resource === 'federated-credential')?.summary).toMatch(
      /20 federated credentials/
    )
  })

  test('a webhook that is not there: the pods are looked at, and never verified', async () => {
    world.twin.defect('webhook-absent')
    const report = await world.apply()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.find(({ resource }) => resource === 'workload')?.summary).toMatch(
      /AZURE_CLIENT_ID still differs/
    )
    expect(report.outputs.verification).toBe('failed')
  })
})

describe('the proof says what stands between', () => {
  test.each([
    ['repository-disabled', /does not show the repository/],
    ['repository-deleted', /does not show the repository/],
    ['repository-empty', /no refs/],
    ['read-denied', /does not show the repository/],
    ['git-signin-page', /no refs|sign-in page/],
    ['git-redirect', /redirect/]
  ])('%s', async (defect, reason) => {
    await world.apply({ verification: 'none' })
    world.twin.defect(defect)
    const report = await world.check({ 'verification-timeout': '1' })
    expect(report.verdict.exitCode).toBe(1)
    expect(report.outputs).toMatchObject({ drift: 'false', verification: 'failed' })
    expect(report.verification.reason).toMatch(reason)
    const problem = report.findings.find(({ verification }) => verification === 'access')
    expect(problem?.remedy.length).toBeGreaterThan(10)
  })

  test('a redirect is not followed: no token reaches the other host', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('git-redirect')
    world.twin.journal.clear()
    await world.check({ 'verification-timeout': '1' })
    expect(world.twin.journal.entries.some(({ path }) => path.includes('elsewhere'))).toBe(false)
  })

  test('access that works is not enough when a hop drifted', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('label-removed')
    const report = await world.check()
    expect(report.outputs).toMatchObject({ drift: 'true', verification: 'failed' })
    expect(report.verification.reason).toBe('the access itself works, but workload is drifted')
  })

  test('verification: none skips it, and says so', async () => {
    const report = await world.apply({ verification: 'none' })
    expect(report.outputs).toMatchObject({ changed: 'true', verification: 'skipped' })
    expect(world.twin.journal.entries.some(({ service }) => service === 'git')).toBe(false)
  })
})

describe('least privilege', () => {
  test('the Role of the docs is enough, with argocd-namespace given', async () => {
    await world.twin.bindDocumentedRole()
    const inputs = { 'argocd-namespace': 'argocd' }
    expect((await world.apply(inputs)).verdict.summary).toBe('Changed, verified.')
    expect((await world.check(inputs)).verdict.exitCode).toBe(0)
  })
})
