/** What somebody else uses in Argo CD's namespace is neither replaced, nor adopted, nor opened to more people. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { isWrite } from '../../sandbox/in-process.ts'
import { runGitHubJob, type JobResult } from '../../sandbox/job.ts'
import { kindOf, type Kind, type Meta } from '../../sandbox/kubernetes/objects.ts'
import { useTwin } from '../twin.ts'

const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const SECRETS = kindOf('', 'secrets') as Kind
const OPERATED = kindOf('argoproj.io', 'argocds') as Kind
const ACCOUNT = 'argocd-repo-server'
const CLIENT = 'azure.workload.identity/client-id'
const TENANT = 'azure.workload.identity/tenant-id'
const NOBODY = '00000000-0000-0000-0000-00000000dead'

const twin = useTwin()
beforeAll(() => {
  // What the tests themselves ask of ARM.
})

const apply = (inputs: Readonly<Record<string, string>> = {}): Promise<JobResult> =>
  runGitHubJob({ environment: twin.environment, inputs: { verification: 'access', ...inputs } })
const writes = (): string[] =>
  twin.journal.entries.filter(isWrite).map(({ method, path }) => `${method} ${path}`)

async function arm(method: string, path: string, body?: unknown): Promise<unknown> {
  const { urls } = twin.azure
  const form = new URLSearchParams({ resource: 'https://management.azure.com' })
  const asked = await fetch(`${urls.msi}/msi/token`, { method: 'POST', body: form })
  const { access_token: token } = (await asked.json()) as { access_token: string }
  const answer = await fetch(`${urls.arm}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  return answer.status === 204 ? undefined : answer.json()
}

/** An identity that reads charts from a registry. @returns its client id */
async function registryIdentity(group = twin.azure.ids.resourceGroup): Promise<string> {
  const { subscriptionId } = twin.azure.ids
  const path = `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-charts?api-version=2024-11-30`
  const made = (await arm('PUT', path, { location: 'westeurope' })) as { properties: { clientId: string } }
  twin.journal.clear()
  return made.properties.clientId
}

function annotate(annotations: Readonly<Record<string, string>>, more: Partial<Meta> = {}): void {
  const { store } = twin.kubernetes
  const before = store.get(ACCOUNTS, 'argocd', ACCOUNT)
  const metadata = { ...before.metadata, ...more }
  store.update(ACCOUNTS, before, {
    ...before,
    metadata: { ...metadata, annotations: { ...before.metadata.annotations, ...annotations } }
  })
}
const annotation = (key: string): string | undefined =>
  twin.kubernetes.store.get(ACCOUNTS, 'argocd', ACCOUNT).metadata.annotations?.[key]

/** Refused before the first write. */
function expectRefused({ exitCode, outputs }: JobResult): void {
  expect(exitCode).toBe(1)
  expect(outputs['verification']).not.toBe('verified')
  expect(writes()).toEqual([])
}

describe('an identity that is in use', () => {
  test('on the account: named with its name, and with the inputs that adopt it; nothing is written', async () => {
    const found = await registryIdentity()
    annotate({ [CLIENT]: found })
    const job = await apply()
    expectRefused(job)
    expect(job.stdout).toContain(`client id ${found} (id-charts in rg-gitops)`)
    expect(job.stdout).toContain('identity-name: id-charts and identity-resource-group: rg-gitops')
    expect(annotation(CLIENT)).toBe(found)
    const adopted = await apply({ 'identity-name': 'id-charts', 'identity-resource-group': 'rg-gitops' })
    expect(adopted.exitCode).toBe(0)
    expect(annotation(CLIENT)).toBe(found)
  })

  test('also when our own exists already: a mark for another value does not count', async () => {
    expect((await apply()).exitCode).toBe(0)
    const found = await registryIdentity()
    annotate({ [CLIENT]: found })
    expect(annotation('patless/client-id')).not.toBe(found)
    const job = await apply()
    expectRefused(job)
    expect(job.stdout).toMatch(/kubectl -n argocd annotate serviceaccount argocd-repo-server \S+ --overwrite/)
  })

  test('that Patless wrote is moved from when another is named', async () => {
    expect((await apply()).exitCode).toBe(0)
    const before = annotation(CLIENT)
    const moved = await apply({ 'identity-name': 'id-of-tomorrow' })
    expect(moved.exitCode).toBe(0)
    expect(annotation(CLIENT)).not.toBe(before)
    expect(annotation('patless/client-id')).toBe(annotation(CLIENT))
  })

  test('that no longer exists is drift, and replaced', async () => {
    annotate({ [CLIENT]: NOBODY })
    expect((await apply()).exitCode).toBe(0)
    expect(annotation(CLIENT)).not.toBe(NOBODY)
  })

  test('that ARM does not show, but Entra knows, is in use', async () => {
    const { deployerClientId } = twin.azure.ids
    annotate({ [CLIENT]: deployerClientId })
    const job = await apply()
    expectRefused(job)
    expect(job.stdout).toContain('az identity list')
  })

  test('of another tenant is not asked for, and in use', async () => {
    annotate({ [CLIENT]: NOBODY, [TENANT]: '00000000-0000-0000-0000-00000000beef' })
    expectRefused(await apply())
  })

  test('a tenant alone is somebody’s choice, too', async () => {
    annotate({ [TENANT]: '00000000-0000-0000-0000-00000000beef' })
    const job = await apply()
    expectRefused(job)
    expect(job.stdout).toContain('names another tenant')
  })

  test('in the settings of the AKS extension', async () => {
    twin.defect('extension-install')
    const found = await registryIdentity()
    const path = `${twin.azure.ids.clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/argocd?api-version=2025-03-01`
    const configurationSettings = {
      'azure.workloadIdentity.enabled': 'true',
      'azure.workloadIdentity.clientId': found
    }
    await arm('PATCH', path, { properties: { configurationSettings } })
    twin.journal.clear()
    const job = await apply()
    expectRefused(job)
    expect(job.stdout).toContain('identity-name: id-charts')
  })

  test('another account in the resource of the operator', async () => {
    twin.defect('operator-install')
    const { store } = twin.kubernetes
    for (const one of store.list(OPERATED))
      store.update(OPERATED, one, { ...one, spec: { repo: { serviceaccount: 'of-the-team' } } })
    // The operator has carried it out, or not: either way it is not replaced.
    await apply()
    for (const one of store.list(OPERATED))
      expect((one.spec as { repo: { serviceaccount: string } }).repo.serviceaccount).toBe('of-the-team')
  })
})

function secret(name: string, data: Readonly<Record<string, string>>, more: Partial<Meta> = {}): void {
  const { repositoryUrl } = twin.azure.ids
  twin.kubernetes.store.create(SECRETS, 'argocd', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, ...more, labels: { 'argocd.argoproj.io/secret-type': 'repository', ...more.labels } },
    stringData: { type: 'git', url: repositoryUrl, ...data }
  })
}
const secrets = (): string[] =>
  twin.kubernetes.store
    .list(SECRETS, 'argocd')
    .filter(({ metadata }) => metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repository')
    .map(({ data }) => {
      const { project } = data as { project?: string }
      return project === undefined ? '(all)' : Buffer.from(project, 'base64').toString()
    })

describe('a repository Secret for one project', () => {
  test.each([
    ['without credentials', {}],
    ['by workload identity already', { useAzureWorkloadIdentity: 'true' }]
  ])('%s: nothing is opened to all without a word', async (_what, data) => {
    secret('of-team-a', { project: 'team-a', ...data })
    for (const connection of ['repository', 'template']) {
      const job = await apply({ connection })
      expectRefused(job)
      expect(job.stdout).toContain('argocd-project: team-a')
      expect(job.stdout).toContain("argocd-project: '*'")
    }
    expect(secrets()).toEqual(['team-a'])
  })

  test('argocd-project writes for that project only', async () => {
    secret('of-team-a', { project: 'team-a' })
    const job = await apply({ 'argocd-project': 'team-a' })
    expect(job.exitCode).toBe(0)
    expect(secrets()).toEqual(['team-a'])
  })

  test('argocd-project of another one adds its own, by the name Argo CD gives it', async () => {
    secret('of-team-a', { project: 'team-a' })
    expect((await apply({ 'argocd-project': 'team-b' })).exitCode).toBe(0)
    expect(secrets().toSorted()).toEqual(['team-a', 'team-b'])
  })

  test("'*' opens it, and is the only way", async () => {
    secret('of-team-a', { project: 'team-a' })
    expect((await apply({ 'argocd-project': '*' })).exitCode).toBe(0)
    expect(secrets().toSorted()).toEqual(['(all)', 'team-a'])
  })
})

describe('a Secret that another tool makes', () => {
  const owner = (kind: string) => ({
    ownerReferences: [{ apiVersion: 'x/v1', kind, name: 'repo', uid: 'u', controller: true }]
  })
  test.each<[string, Partial<Meta>, RegExp]>([
    ['ExternalSecret', owner('ExternalSecret'), /patch externalsecret repo .*useAzureWorkloadIdentity/],
    ['SealedSecret', owner('SealedSecret'), /patch sealedsecret repo .*useAzureWorkloadIdentity/],
    ['any controller', owner('VaultStaticSecret'), /controller of VaultStaticSecret repo/],
    [
      'external-secrets without an owner reference',
      { labels: { 'reconcile.external-secrets.io/managed': 'true' } },
      /patch externalsecret/
    ]
  ])('%s: refused, with the patch for its source', async (_what, metadata, patch) => {
    secret('made-elsewhere', {}, metadata)
    const job = await apply()
    expectRefused(job)
    expect(job.stdout).toMatch(patch)
  })

  test.each<[string, Partial<Meta>, RegExp]>([
    [
      'Helm',
      { annotations: { 'meta.helm.sh/release-name': 'argo-cd' } },
      /Helm \(release argo-cd\), which may revert/
    ],
    [
      'Argo CD',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'platform:/Secret:argocd/made-elsewhere' } },
      /Argo CD \(Application platform\), which may revert/
    ],
    ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }, /Flux \(apps\), which may revert/]
  ])('%s: written, and it is said who may undo it', async (_what, metadata, note) => {
    secret('made-elsewhere', {}, metadata)
    const job = await apply()
    expect(job.exitCode).toBe(0)
    expect(job.stdout).toMatch(note)
    // Also later, as long as the source may say otherwise.
    expect((await apply()).stdout).toMatch(note)
  })
})

test('an account that another tool makes is changed with a word on who may undo it', async () => {
  annotate({}, { labels: { 'kustomize.toolkit.fluxcd.io/name': 'argocd' } })
  const job = await apply()
  expect(job.exitCode).toBe(0)
  expect(job.stdout).toMatch(/service account argocd-repo-server is made by Flux \(argocd\)/)
})
