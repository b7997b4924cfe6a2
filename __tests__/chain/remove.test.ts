import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { needsAction } from '../../src/report/findings.ts'
import { startWorldUnderTest, wordsOf, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import type { Report } from '../../src/report/report.ts'

const SECRETS = kindOf('', 'secrets') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind

let world: WorldUnderTest
let untouched: number
beforeAll(async () => {
  world = await startWorldUnderTest()
  untouched = world.twin.kubernetes.store.list(SECRETS, 'argocd').length
})
afterAll(() => world.twin.close())
beforeEach(() => {
  world.twin.reset()
})

const remove = (inputs: Record<string, string> = {}): Promise<Report> =>
  world.run({ mode: 'remove', ...inputs })
const summaryOf = ({ resources: hops }: Report, name: string): string =>
  hops.find(({ resource }) => resource === name)?.summary ?? ''
interface Left {
  azure: { identities: { credentials: unknown[] }[]; members: unknown[] }
}
const left = (): Left['azure'] => (world.twin.state() as Left).azure
const inCluster = (kind: Kind, name: string): KubeObject =>
  world.twin.kubernetes.store.get(kind, 'argocd', name)

const ALL_REMOVED = {
  cluster: 'unchanged',
  identity: 'removed',
  argocd: 'unchanged',
  'federated-credential': 'removed',
  entitlement: 'removed',
  permission: 'removed',
  workload: 'removed',
  connection: 'removed'
}
/** But for what is never touched. */
const ALL_LEFT = Object.fromEntries(
  Object.entries(ALL_REMOVED).map(([hop, word]) => [hop, word === 'removed' ? 'skipped' : word])
)
const NOTHING = Object.fromEntries(Object.keys(ALL_REMOVED).map((hop) => [hop, 'unchanged']))

describe('remove', () => {
  test('takes away what apply made, in reverse order, and says what before it does', async () => {
    await world.apply()
    world.twin.journal.clear()
    world.printed.length = 0
    const report = await remove()
    expect(wordsOf(report)).toEqual(ALL_REMOVED)
    expect(summaryOf(report, 'cluster')).toMatch(/^left as it is, others may depend on it: /)
    expect(report.verdict.exitCode).toBe(0)
    expect(report.findings.filter(needsAction)).toEqual([])
    expect(report.outputs).toMatchObject({ changed: 'true', drift: 'false', verification: 'skipped' })
    expect(left().identities).toEqual([])
    expect(left().members).toHaveLength(1)
    expect(world.twin.kubernetes.store.list(SECRETS, 'argocd')).toHaveLength(untouched)
    expect(JSON.stringify(inCluster(ACCOUNTS, 'argocd-repo-server').metadata)).not.toContain('azure.workload')
    expect(JSON.stringify(inCluster(DEPLOYMENTS, 'argocd-repo-server'))).not.toContain('azure.workload')
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
    await world.apply({ verification: 'none' })
    await remove()
    world.twin.journal.clear()
    const report = await remove()
    expect(wordsOf(report)).toEqual(NOTHING)
    expect(report.verdict).toMatchObject({ exitCode: 0, summary: 'Nothing to remove.' })
    expect(world.writes()).toEqual([])
  })

  test('and apply builds it all again', async () => {
    await world.apply({ verification: 'none' })
    await remove()
    expect((await world.apply({ verification: 'access' })).outputs.verification).toBe('verified')
  })

  test.each([
    ['the member', 'graph', 'serviceprincipals'],
    ['the identity', 'arm', 'userAssignedIdentities/[^/?]+'],
    ['its credential', 'arm', 'federatedIdentityCredentials'],
    ['the Secret', 'kubernetes', '/secrets']
  ] as const)('does not believe an older state, in which %s was not there', async (_what, service, path) => {
    for (const times of [1, 3]) {
      world.twin.reset()
      await world.apply({ verification: 'none' })
      world.twin.journal.order({ service, method: 'GET', path: `${path}(\\?|$)`, kind: 'stale', times })
      const report = await remove()
      expect(world.twin.journal.hits).toBeGreaterThan(0)
      expect(report.verdict.exitCode).toBe(0)
      expect(report.findings.filter(needsAction)).toEqual([])
      expect(left().identities).toEqual([])
      expect(left().members).toHaveLength(1)
      expect(world.twin.kubernetes.store.list(SECRETS, 'argocd')).toHaveLength(untouched)
      expect(JSON.stringify(inCluster(DEPLOYMENTS, 'argocd-repo-server'))).not.toContain('azure.workload')
    }
  })

  test.each([
    [1, 'Removed: ', 0],
    [3, 'graph/serviceprincipals', 1]
  ])('does not call gone what it could not read, %d times', async (times, text, exitCode) => {
    await world.apply({ verification: 'none' })
    world.twin.journal.order({ service: 'graph', path: 'serviceprincipals', kind: '409', nth: 3, times })
    const report = await remove()
    expect(report.verdict.exitCode).toBe(exitCode)
    expect(JSON.stringify([report.verdict, report.findings])).toContain(text)
    expect(wordsOf(report)).toEqual({ ...ALL_REMOVED, identity: exitCode === 0 ? 'removed' : 'skipped' })
    expect((await remove()).verdict.exitCode).toBe(0)
    expect(left().identities).toEqual([])
  })

  test('dry-run shows it, without a write', async () => {
    await world.apply({ verification: 'none' })
    world.twin.journal.clear()
    const report = await remove({ 'dry-run': 'true' })
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
    const report = await remove({ access: 'repository' })
    expect(wordsOf(report)).toEqual(ALL_REMOVED)
  })

  test('a missing right is named before the first write', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('arm-reader-only')
    world.twin.journal.clear()
    const report = await remove()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.map(({ expected }) => expected)).toEqual([
      'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/delete',
      'Microsoft.ManagedIdentity/userAssignedIdentities/delete'
    ])
    expect(world.writes()).toEqual([])
  })
})

describe('remove leaves, and says why,', () => {
  test('the identity, its member and its rights while another cluster uses it', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('identity-shared')
    const report = await remove()
    expect(wordsOf(report)).toEqual({
      ...ALL_REMOVED,
      identity: 'skipped',
      entitlement: 'skipped',
      permission: 'skipped'
    })
    expect(summaryOf(report, 'identity')).toContain('other federated credentials: another-cluster')
    expect(report.verdict.summary).toContain('Left, with the reason: identity, entitlement, permission')
    expect(left().identities[0]?.credentials).toHaveLength(1)
  })

  test('all but the Secret while Argo CD reads other repositories with it', async () => {
    const { repositoryUrl } = world.twin.azure.ids
    const other = repositoryUrl.replace(/app$/, 'infra')
    await world.apply({ 'repository-url': `${repositoryUrl}\n${other}`, verification: 'none' })
    const report = await remove()
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

  test('an identity that Patless did not make, and all that carries no mark but hangs on it', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('identity-untagged')
    world.twin.journal.clear()
    const report = await remove()
    expect(wordsOf(report)).toEqual({ ...ALL_LEFT, connection: 'removed' })
    for (const hop of ['identity', 'federated-credential', 'entitlement', 'permission', 'workload'])
      expect(summaryOf(report, hop)).toContain('no tag managed-by: patless')
    expect(world.writes()).toEqual([expect.stringMatching(/^kubernetes DELETE .*\/secrets\/repo-\d+$/)])
  })

  test('a member that is in other projects', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('member-of-another-project')
    const report = await remove()
    expect(wordsOf(report)).toMatchObject({
      entitlement: 'skipped',
      permission: 'removed',
      identity: 'skipped'
    })
    expect(summaryOf(report, 'identity')).toContain('the entitlement needs it, and stays')
    expect(summaryOf(report, 'entitlement')).toMatch(/also in the projects/)
  })

  test('the identity when its federated credentials could not be read', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('issuer-disabled')
    const report = await remove()
    expect(wordsOf(report)).toMatchObject({
      identity: 'skipped',
      entitlement: 'skipped',
      connection: 'removed'
    })
    expect(summaryOf(report, 'identity')).toContain('could not be read')
  })

  test('a Secret that somebody else made', async () => {
    await world.apply({ verification: 'none' })
    const secret = world.twin.kubernetes.store
      .list(SECRETS, 'argocd')
      .find(({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] === 'patless')
    if (!secret) throw new Error('there is no Secret')
    const labels = { 'argocd.argoproj.io/secret-type': 'repository' }
    world.twin.kubernetes.store.update(SECRETS, secret, {
      ...secret,
      metadata: { ...secret.metadata, labels }
    })
    const report = await remove()
    expect(wordsOf(report)).toMatchObject({ connection: 'skipped' })
    expect(summaryOf(report, 'connection')).toContain(
      'not provably made by Patless: it has no label app.kubernetes.io/managed-by: patless'
    )
    // Their Secret still logs in by the identity.
    expect(wordsOf(report)).toMatchObject({ workload: 'skipped', identity: 'skipped', permission: 'skipped' })
    expect(summaryOf(report, 'identity')).toContain('the connection needs it, and stays (Secret argocd/repo-')
  })

  test('everything when it cannot read what there is', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('argocd-absent')
    world.twin.journal.clear()
    const report = await remove()
    expect(report.verdict.exitCode).toBe(1)
    expect(world.writes()).toEqual([])
  })

  test('a second Secret for the repository that somebody else made', async () => {
    await world.apply({ verification: 'none' })
    const { repositoryUrl } = world.twin.azure.ids
    world.twin.kubernetes.store.create(SECRETS, 'argocd', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'theirs', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
      data: {
        url: Buffer.from(repositoryUrl).toString('base64'),
        useAzureWorkloadIdentity: Buffer.from('true').toString('base64')
      }
    })
    const report = await remove()
    expect(wordsOf(report)).toEqual({ ...ALL_LEFT, connection: 'removed' })
    expect(summaryOf(report, 'connection')).toMatch(
      /^removed; left: Secret argocd\/theirs: not provably made/
    )
    expect(inCluster(SECRETS, 'theirs').data).toHaveProperty('url')
    const again = await remove()
    expect(wordsOf(again)).toEqual(ALL_LEFT)
    expect(summaryOf(again, 'connection')).toMatch(
      /^left: Secret argocd\/theirs: not provably made by Patless/
    )
    expect(summaryOf(again, 'workload')).toContain('the connection needs it, and stays')
  })

  test('a Secret with a password, but nothing that it does not use', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('secret-password')
    const report = await remove()
    expect(wordsOf(report)).toEqual({ ...ALL_REMOVED, connection: 'skipped' })
    expect(summaryOf(report, 'connection')).toContain('it holds credentials (password, username)')
    expect(world.twin.kubernetes.store.list(SECRETS, 'argocd')).toHaveLength(untouched + 1)
  })
})
