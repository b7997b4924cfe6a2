/** What is in order today and will not stay so: each is a warning with an id, and none costs a request. */
import { expect, test } from '@jest/globals'
import { storedBeside } from '../../src/argocd/usage.ts'
import { entryOf } from '../../src/argocd/secrets.ts'
import { federatedCredential } from '../../src/chain/federated-credential.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
const URL_OF_APP = 'https://dev.azure.com/contoso/shop/_git/app'

test.each([
  [16, false],
  [17, true],
  [19, true]
])('beside %i other federated credentials', (count, warned) => {
  const identity = {
    name: 'id-argocd',
    resourceGroup: 'rg',
    subscriptionId: 's',
    clientId: 'c',
    principalId: 'p'
  }
  const spec = {
    identity,
    cluster: { id: undefined, name: 'aks' },
    issuer: 'https://issuer.example/',
    subject: 'system:serviceaccount:argocd:argocd-repo-server',
    audience: 'api://AzureADTokenExchange',
    known: undefined
  } as unknown as Parameters<typeof federatedCredential.assess>[0]
  const { issuer, subject } = spec
  const others = Array.from({ length: count }, (_none, at) => ({
    name: `other-${at}`,
    issuer: `https://issuer.example/${at}/`,
    subject,
    audiences: ['api://AzureADTokenExchange']
  }))
  const own = { name: 'own', issuer, subject, audiences: ['api://AzureADTokenExchange'] }
  const { findings = [] } = federatedCredential.assess(spec, [...others, own])
  expect(findings).toHaveLength(warned ? 1 : 0)
  if (warned) {
    expect(findings[0]).toMatchObject({ id: 'federated-credential/nearly-full', severity: 'warning' })
    expect(findings[0]?.command).toContain('--identity-name id-argocd')
  }
})

const base64 = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  )
const secret = (name: string, type: 'repository' | 'repo-creds', values: Record<string, string>) =>
  entryOf({
    metadata: { name, labels: { 'argocd.argoproj.io/secret-type': type } },
    data: base64({ type: 'git', ...values })
  })

test.each<[string, ReturnType<typeof secret>[], string[]]>([
  [
    'a template with a password beside a Secret that uses the identity',
    [
      secret('repo-1', 'repository', { url: URL_OF_APP, useAzureWorkloadIdentity: 'true' }),
      secret('creds-1', 'repo-creds', { url: 'https://dev.azure.com/contoso', username: 'x', password: 'y' })
    ],
    ['connection/stored-credentials-beside']
  ],
  [
    'a template without a password',
    [
      secret('repo-1', 'repository', { url: URL_OF_APP, useAzureWorkloadIdentity: 'true' }),
      secret('creds-1', 'repo-creds', {
        url: 'https://dev.azure.com/contoso',
        useAzureWorkloadIdentity: 'true'
      })
    ],
    []
  ],
  [
    'a template for another organization',
    [
      secret('repo-1', 'repository', { url: URL_OF_APP, useAzureWorkloadIdentity: 'true' }),
      secret('creds-1', 'repo-creds', { url: 'https://dev.azure.com/fabrikam', password: 'y' })
    ],
    []
  ],
  [
    // Then it wins already, which is an error and not a warning.
    'a template with a password and no Secret',
    [secret('creds-1', 'repo-creds', { url: 'https://dev.azure.com/contoso', password: 'y' })],
    []
  ]
])('%s', (_what, entries, ids) => {
  const usage = { entries: entries.flatMap((one) => one ?? []), applications: [], sets: [] }
  const found = storedBeside({ kind: 'repository', urls: [URL_OF_APP], project: '*' }, usage)
  expect(found.map(({ id }) => id)).toEqual(ids)
  expect(JSON.stringify(found)).not.toContain('"y"')
})

test('a version without patches is a warning, and the run stays green, with no more requests', async () => {
  await world.applied()
  world.twin.journal.clear()
  const before = await world.check()
  const requests = world.twin.journal.entries.length
  expect(before.verdict.exitCode).toBe(0)
  world.twin.defect('argocd-3-0-13')
  world.twin.journal.clear()
  const report = await world.check({ verification: 'none' })
  expect(report.findings.find(({ id }) => id === 'argocd/version-ended')).toMatchObject({
    severity: 'warning'
  })
  expect(world.twin.journal.entries.length).toBeLessThanOrEqual(requests)
})
