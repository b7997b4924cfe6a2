import { FAKE_PAT } from '../../sandbox/kubernetes/defects.ts'
import { describe, expect, test } from '@jest/globals'
import type { Entry } from '../../sandbox/journal.ts'
import type { Answer } from '../../sandbox/wire.ts'
import { isWrite, wordsOf } from '../../sandbox/in-process.ts'
import { inWaves } from '../../sandbox/waves.ts'
import { useWorld } from '../world.ts'
import { ALL_UNCHANGED } from './words.ts'

const world = useWorld()

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
    await world.applied()
    const { waves } = await inWaves(
      world.twin.journal,
      ({ service }) => service !== 'entra' && service !== 'oidc',
      () => world.check({ verification: 'none' })
    )
    expect(waves.flat().length).toBeLessThanOrEqual(14)
    expect(waves.length).toBeLessThanOrEqual(4)
  })

  // The evidence for Argo CD costs no request then.
  test('14 requests and 4 sequential round trips at most with a verification, itself and logins aside', async () => {
    await world.apply()
    const { result, waves } = await inWaves(
      world.twin.journal,
      ({ service, path }) => !['entra', 'oidc', 'git'].includes(service) && !path.endsWith('/token'),
      () => world.check()
    )
    expect(result.outputs.verification).toBe('verified')
    expect(waves.flat().length).toBeLessThanOrEqual(14)
    expect(waves.length).toBeLessThanOrEqual(4)
  })

  // git then makes three, one after the other.
  test('6 sequential round trips at most until git starts, logins included', async () => {
    await world.apply()
    const { result, waves } = await inWaves(
      world.twin.journal,
      // What the services ask each other is no round trip of the run.
      ({ service, path }) =>
        service !== 'git' && !/\.well-known\/openid-configuration|jwks|\/keys/.test(path),
      () => world.check()
    )
    expect(result.outputs.verification).toBe('verified')
    expect(waves.length).toBeLessThanOrEqual(6)
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

  test('fail-on-drift: false only reports', async () => {
    const report = await world.check({ 'fail-on-drift': 'false' })
    expect(report.verdict.exitCode).toBe(0)
    expect(report.outputs.drift).toBe('true')
  })
})

test.each([
  ['arm-reader-only', /Azure permission Microsoft\.ManagedIdentity\/userAssignedIdentities\/write/],
  ['rbac-readonly', /may not patch serviceaccounts argocd-repo-server in namespace argocd/]
])('%s: the missing right is named exactly, before any write', async (defect, right) => {
  world.twin.defect(defect)
  const report = await world.apply()
  expect(report.verdict.exitCode).toBe(1)
  expect(report.findings.map(({ summary: what }) => what).join('\n')).toMatch(right)
  expect(world.writes()).toEqual([])
})

describe('least privilege', () => {
  test('the Role of the docs is enough, with argocd-namespace given', async () => {
    await world.twin.bindDocumentedRole()
    const inputs = { 'argocd-namespace': 'argocd' }
    expect((await world.apply(inputs)).verdict.summary).toBe('Changed, verified.')
    expect((await world.check(inputs)).verdict.exitCode).toBe(0)
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
    // The token that a Secret of the cluster holds is masked, too.
    const known = [...world.twin.issued(), FAKE_PAT]
    expect([...world.masked].filter((secret) => !known.includes(secret))).toEqual([])
    expect(used.length).toBeGreaterThan(3)
  })
})
