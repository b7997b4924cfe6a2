import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Entry } from '../../sandbox/journal.ts'
import type { Answer } from '../../sandbox/wire.ts'
import { isWrite, startWorldUnderTest, wordsOf, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { depthOf } from '../../bench/depth.ts'

const SECRETS = kindOf('', 'secrets') as Kind

let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest()
})
afterAll(() => world.twin.close())
beforeEach(() => {
  world.twin.reset()
})

const ALL_UNCHANGED = {
  cluster: 'unchanged',
  identity: 'unchanged',
  argocd: 'unchanged',
  'federated-credential': 'unchanged',
  entitlement: 'unchanged',
  permission: 'unchanged',
  workload: 'unchanged',
  connection: 'unchanged'
}

describe('apply', () => {
  test('builds the whole chain from nothing, and proves it', async () => {
    const report = await world.apply()
    expect(wordsOf(report)).toEqual({
      cluster: 'unchanged',
      identity: 'created',
      argocd: 'unchanged',
      'federated-credential': 'created',
      entitlement: 'created',
      permission: 'created',
      workload: 'created',
      connection: 'created'
    })
    expect(report.verdict).toMatchObject({ exitCode: 0, summary: 'Changed, verified.' })
    expect(report.outputs).toMatchObject({
      changed: 'true',
      drift: 'false',
      verification: 'verified',
      subject: 'system:serviceaccount:argocd:argocd-repo-server',
      'oidc-issuer-url': world.twin.kubernetes.access.issuer
    })
    expect(report.repositories).toMatchObject([
      { verifications: { argocd: { result: 'verified', commit: expect.stringMatching(/^[0-9a-f]{40}$/) } } }
    ])
  })

  test('again: nothing to change, no write at all, verified anew', async () => {
    await world.apply()
    world.twin.journal.clear()
    const report = await world.apply()
    expect(wordsOf(report)).toEqual(ALL_UNCHANGED)
    expect(report.outputs).toMatchObject({ changed: 'false', drift: 'false', verification: 'verified' })
    expect(world.writes()).toEqual([])
    expect(world.twin.journal.entries.some(({ service }) => service === 'git')).toBe(true)
  })

  test('asks for every right before the first write', async () => {
    await world.apply({ verification: 'none' })
    const { entries } = world.twin.journal
    const first = entries.findIndex(isWrite)
    const asks = ({ path }: Entry): boolean => /selfsubjectaccessreviews|\/permissions[/?]/.test(path)
    const asked = entries.findLastIndex(asks)
    expect(asked).toBeGreaterThan(0)
    expect(first).toBeGreaterThan(asked)
    const services = entries.filter(asks).map(({ service }) => service)
    expect(new Set(services)).toEqual(new Set(['arm', 'devops', 'kubernetes']))
  })

  const APPLICATION = {
    'application-name': 'app',
    'application-path': 'deploy',
    'application-namespace': 'shop'
  }
  test.each([
    ['identity', 'arm', 'userAssignedIdentities/[^/]+(?:\\?|$)', 'PUT', ['federated-credential', 'workload']],
    ['federated-credential', 'arm', 'federatedIdentityCredentials/', 'PUT', ['workload', 'connection']],
    ['workload', 'kubernetes', '/deployments/', 'PATCH', ['connection', 'application']],
    ['connection', 'kubernetes', '/secrets', 'POST', ['application']]
  ] as const)('builds nothing on %s when it fails', async (hop, service, path, method, above) => {
    const refused: Answer = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } }
    world.twin.journal.forge({ service, path, method, forge: () => refused })
    const words = wordsOf(await world.apply({ ...APPLICATION, verification: 'none' }))
    world.twin.journal.calm()
    expect(words[hop]).toBe('failed')
    for (const one of above) expect([one, words[one]]).toEqual([one, 'skipped'])
    const report = await world.apply(APPLICATION)
    expect(report.verifications.argocd?.result).toBe('verified')
  })

  test('asks Argo CD for an Application only when it is in order', async () => {
    const forge = (): Answer => ({ status: 403, body: { kind: 'Status', status: 'Failure', message: 'no' } })
    world.twin.journal.forge({ service: 'kubernetes', path: '/applications(?:\\?|$)', method: 'POST', forge })
    const { verifications: proofs } = await world.apply(APPLICATION)
    expect(proofs.access?.result).toBe('verified')
    expect(proofs.argocd).toMatchObject({
      result: 'skipped',
      reason: 'not tried: application failed'
    })
  })

  test('connects Argo CD only after the access was proved', async () => {
    await world.apply({ verification: 'access' })
    const { entries } = world.twin.journal
    const connected = entries.findIndex(({ method, path }) => method === 'POST' && path.includes('/secrets'))
    const read = entries.findLastIndex(({ service }) => service === 'git')
    expect(connected).toBeGreaterThan(read)
  })

  test('annotates before it labels: the webhook looks at a pod once', async () => {
    await world.apply({ verification: 'none' })
    const writes = world.writes()
    const at = (part: string): number => writes.findIndex((one) => one.includes(part))
    expect(at('serviceaccounts/argocd-repo-server')).toBeLessThan(at('deployments/argocd-repo-server'))
  })

  test('dry-run shows what it would do, and writes nothing', async () => {
    const report = await world.apply({ 'dry-run': 'true' })
    expect(world.writes()).toEqual([])
    expect(report.verdict.exitCode).toBe(0)
    expect(report.outputs).toMatchObject({ changed: 'false', drift: 'true', verification: 'skipped' })
    expect(wordsOf(report)).toMatchObject({ identity: 'missing', entitlement: 'unknown' })
  })

  test('two at once end with one right chain', async () => {
    const [one, two] = await Promise.all([world.apply(), world.apply()])
    expect(one.verification.result).toBe('verified')
    expect(two.verification.result).toBe('verified')
    const { azure } = world.twin.state() as {
      azure: { identities: { credentials: unknown[] }[]; members: unknown[] }
    }
    expect(azure.identities).toHaveLength(1)
    expect(azure.identities[0]?.credentials).toHaveLength(1)
    expect(azure.members).toHaveLength(2)
    expect(wordsOf(await world.check())).toEqual(ALL_UNCHANGED)
  })

  test('a recreated cluster keeps its credential, and only the issuer changes', async () => {
    await world.apply({ verification: 'none' })
    await world.twin.kubernetes.recreate()
    const drift = await world.check()
    expect(drift.resources.find(({ resource }) => resource === 'federated-credential')).toMatchObject({
      result: 'drifted',
      differences: [{ field: 'issuer' }]
    })
    expect((await world.apply()).outputs).toMatchObject({ changed: 'true', verification: 'verified' })
    const { azure } = world.twin.state() as { azure: { identities: { credentials: unknown[] }[] } }
    expect(azure.identities[0]?.credentials).toHaveLength(1)
  })

  test('waits for half a minute only, and says why once, when it wrote nothing that has to be heard of', async () => {
    await world.apply({ verification: 'none' })
    world.printed.length = 0
    const url = world.twin.environment['SANDBOX_REPOSITORY_URL'] ?? ''
    const report = world.apply({ 'repository-url': url.replace(/app$/, 'misspelt') })
    const waits = (): string[] => world.printed.filter((line) => line.includes('Trying again'))
    while (waits().length < 2) await sleep(20)
    process.emit('SIGTERM')
    expect((await report).verdict.exitCode).toBe(1)
    expect(waits()[0]).toMatch(/does not show the repository.* (?:30|2[5-9]) s left/)
    expect(waits()[1]).toMatch(/^… Still the same/)
  })

  test('waits as long as it may after a run that was stopped before its proof', async () => {
    await world.apply({ verification: 'none' })
    const { store } = world.twin.kubernetes
    for (const secret of store.list(SECRETS, 'argocd')) {
      if (secret.metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repository')
        store.remove(SECRETS, 'argocd', secret.metadata.name)
    }
    world.twin.journal.order({ service: 'git', path: 'info/refs', kind: '500', times: 99 })
    world.printed.length = 0
    const report = world.apply({ 'verification-timeout': '200' })
    const wait = (): string | undefined => world.printed.find((line) => line.includes('Trying again'))
    while (wait() === undefined) await sleep(20)
    process.emit('SIGTERM')
    await report
    world.twin.journal.calm()
    expect(wait()).toMatch(/ (?:200|19\d) s left/)
  })

  test('several repositories of several projects at once', async () => {
    const base = world.twin.environment['AZURE_DEVOPS_URL'] ?? ''
    const urls = [
      'contoso/shop/_git/app',
      'contoso/shop/_git/infra',
      'contoso/billing%20Team/_git/ledger%20service'
    ]
    const given = urls.map((url) => `${base}/${url}`)
    const report = await world.apply({ 'repository-url': given.join('\n') })
    expect(report.verdict.exitCode).toBe(0)
    expect(report.repositories.map(({ url }) => url)).toEqual(given)
    for (const { verifications } of report.repositories)
      expect(verifications.access?.commit).toMatch(/^[0-9a-f]{40}$/)
    expect((await world.check({ 'repository-url': given.join('\n') })).outputs.drift).toBe('false')
  })

  test('access: repository gives Read on the one repository, not on the project', async () => {
    const report = await world.apply({ access: 'repository' })
    expect(report.outputs).toMatchObject({ verification: 'verified' })
    const { azure } = world.twin.state() as { azure: { members: { groups: string[] }[]; entries: unknown[] } }
    expect(azure.entries).toHaveLength(1)
    expect(azure.members.flatMap(({ groups }) => groups)).toEqual([])
    expect((await world.check({ access: 'repository' })).outputs.drift).toBe('false')
  })

  test('enables the issuer and workload identity when told to, and keeps every other field of the cluster', async () => {
    world.twin.defect('issuer-disabled')
    world.twin.defect('workload-identity-disabled')
    const report = await world.apply({ 'configure-cluster': 'true' })
    expect(wordsOf(report)).toMatchObject({ cluster: 'updated', identity: 'created' })
    expect(report.outputs.verification).toBe('verified')
    const { azure } = world.twin.state() as { azure: { cluster: { properties: Record<string, unknown> } } }
    expect(azure.cluster.properties).toMatchObject({
      aPropertyOfTomorrow: { kept: true },
      securityProfile: { workloadIdentity: { enabled: true }, imageCleaner: { intervalHours: 168 } }
    })
  })

  test('waits for a busy cluster before it writes it', async () => {
    world.twin.defect('issuer-disabled')
    world.twin.defect('cluster-busy')
    const report = await world.apply({ 'configure-cluster': 'true' })
    expect(wordsOf(report)).toMatchObject({ cluster: 'updated' })
  }, 30_000)

  test('a cluster given by its issuer and a kubeconfig needs no AKS', async () => {
    const report = await world.apply({
      'oidc-issuer-url': world.twin.kubernetes.access.issuer,
      kubeconfig: world.twin.environment['KUBECONFIG'] ?? '',
      'identity-resource-group': 'rg-gitops',
      location: 'West Europe'
    })
    expect(report.outputs.verification).toBe('verified')
    expect(world.twin.journal.entries.some(({ path }) => /managedClusters(\?|\/)/.test(path))).toBe(false)
  })
})

describe('check', () => {
  test('a chain in order: no drift, verified, no write', async () => {
    await world.apply()
    world.twin.journal.clear()
    const report = await world.check()
    expect(wordsOf(report)).toEqual(ALL_UNCHANGED)
    expect(report.verdict).toMatchObject({ exitCode: 0, summary: 'In order, no drift, verified.' })
    expect(world.writes()).toEqual([])
  })

  test('keeps to 14 requests and a depth of 4, logins and proof aside', async () => {
    await world.apply({ verification: 'none' })
    world.twin.journal.clear()
    world.twin.journal.latency = 80
    await world.check({ verification: 'none' })
    const hops = world.twin.journal.entries.filter(({ service }) => service !== 'entra' && service !== 'oidc')
    expect(hops.length).toBeLessThanOrEqual(14)
    expect(depthOf(hops)).toBeLessThanOrEqual(4)
  })

  test('asks Argo CD once: then its word stands until something changes', async () => {
    await world.apply()
    const { verifications: proofs } = await world.check()
    expect(proofs.access?.result).toBe('verified')
    expect(proofs.argocd).toMatchObject({
      result: 'skipped',
      reason: expect.stringMatching(
        /^Argo CD itself was seen to read at \S+Z, and nothing that its reading depends on has changed since$/
      ) as unknown
    })
    expect((await world.check({ verification: 'access' })).verifications).not.toHaveProperty('argocd')
    expect((await world.check({ verification: 'none' })).verifications).toEqual({})
  })

  test('does not ask Argo CD when the access itself fails', async () => {
    await world.apply()
    world.twin.journal.order({ service: 'git', path: 'info/refs', kind: '500', times: 99 })
    const { verifications: proofs } = await world.check({ 'verification-timeout': '1' })
    world.twin.journal.calm()
    expect(proofs.access?.result).toBe('failed')
    expect(proofs.argocd).toMatchObject({
      result: 'skipped',
      reason: 'not tried: access verification failed'
    })
  })

  test('of a cluster without an issuer cannot say what the credential should be', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('issuer-disabled')
    const report = await world.check()
    expect(wordsOf(report)).toMatchObject({ cluster: 'drifted', 'federated-credential': 'unknown' })
    const credential = report.resources.find(({ resource }) => resource === 'federated-credential')
    expect(credential?.summary).toBe('depends on cluster')
  })

  test('of nothing: what is missing and what depends on it', async () => {
    const report = await world.check()
    expect(wordsOf(report)).toEqual({
      cluster: 'unchanged',
      identity: 'missing',
      argocd: 'unchanged',
      'federated-credential': 'missing',
      entitlement: 'unknown',
      permission: 'unknown',
      workload: 'unknown',
      connection: 'missing'
    })
    expect(report.verdict.exitCode).toBe(2)
    expect(report.outputs).toMatchObject({ drift: 'true', verification: 'failed' })
    expect(report.outputs['verification-reason']).toContain('identity is missing')
  })

  test('fail-on-drift: false only tells', async () => {
    const report = await world.check({ 'fail-on-drift': 'false' })
    expect(report.verdict.exitCode).toBe(0)
    expect(report.outputs.drift).toBe('true')
  })

  test('drift names the field, what was expected and what was found', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('credential-subject')
    const report = await world.check()
    expect(report.verdict.exitCode).toBe(2)
    expect(JSON.parse(report.outputs.differences)).toEqual([
      {
        resource: 'federated-credential',
        result: 'drifted',
        field: 'subject',
        expected: 'system:serviceaccount:argocd:argocd-repo-server',
        actual: 'system:serviceaccount:default:argocd-repo-server'
      }
    ])
    expect(report.findings[0]).toMatchObject({
      resource: 'federated-credential',
      remedy: 'run with mode: apply'
    })
  })
})

describe('secrets', () => {
  test('no token is printed, whole or in base64; every one was masked first', async () => {
    world.printed.length = 0
    await world.apply()
    world.twin.defect('secret-password')
    await world.check()
    const text = world.printed.join('\n')
    for (const token of world.twin.issued()) {
      expect(text).not.toContain(token)
      expect(text).not.toContain(Buffer.from(token).toString('base64'))
    }
    const used = world.twin.azure.issued.filter((token) => token.startsWith('ey'))
    expect(world.masked.size).toBeGreaterThan(3)
    expect([...world.masked].filter((secret) => !world.twin.issued().includes(secret))).toEqual([])
    expect(used.length).toBeGreaterThan(3)
  })
})
