/** Before a migration: Argo CD reads with a personal access token, over real git with basic authentication. */
import { expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import { remoteRefs } from '../../sandbox/argocd/git-client.ts'
import { useTwin } from '../twin.ts'

const SECRETS = kindOf('', 'secrets') as Kind
const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const LEASES = kindOf('coordination.k8s.io', 'leases') as Kind

const twin = useTwin()
const store = () => twin.kubernetes.store

/** What the Application says once Argo CD has looked. */
async function compared(password: string): Promise<string> {
  const { repositoryUrl } = twin.azure.ids
  const labels = { 'argocd.argoproj.io/secret-type': 'repository' }
  store().create(SECRETS, 'argocd', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shop', labels },
    stringData: { type: 'git', url: repositoryUrl, username: 'anything', password }
  })
  store().create(APPLICATIONS, 'argocd', {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'app' },
    spec: {
      project: 'default',
      source: { repoURL: repositoryUrl, path: 'deploy', targetRevision: 'HEAD' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
    }
  })
  for (const until = Date.now() + 10_000; Date.now() < until;) {
    await sleep(20)
    const { status } = store().get(APPLICATIONS, 'argocd', 'app') as KubeObject & {
      status?: { sync?: { revision?: string }; conditions?: { message: string }[] }
    }
    if (status) return status.conditions?.[0]?.message ?? status.sync?.revision ?? ''
  }
  return 'never compared'
}

test('Argo CD reads with a live token, whatever the user name', async () => {
  expect(await compared(twin.azure.personalToken().secret)).toMatch(/^[0-9a-f]{40}$/)
})

test.each([
  ['revoked', /authentication required: TF400813/],
  ['expired', /authentication required: Access Denied: The Personal Access Token used has expired/]
] as const)('a token that is %s is refused, as the real service does', async (how, why) => {
  const token = twin.azure.personalToken()
  token.end(how)
  expect(await compared(token.secret)).toMatch(why)
})

test('a token in the place of the user name is accepted, as in a URL that somebody pasted', async () => {
  const { secret } = twin.azure.personalToken()
  const authorization = `Basic ${Buffer.from(`${secret}:`).toString('base64')}`
  const way = { ca: twin.tls.ca, caFile: '', proxy: '', noProxy: '', insecure: false }
  const refs = await remoteRefs({ url: twin.azure.ids.repositoryUrl, authorization }, way)
  expect(refs.has('HEAD')).toBe(true)
})

async function kubernetes(method: string, path: string, body: unknown): Promise<Response> {
  return fetch(`${twin.kubernetes.access.server}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${twin.kubernetes.token}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    },
    body: JSON.stringify(body)
  })
}

test('of two who renew a Lease that they read, one is refused', async () => {
  const path = '/apis/coordination.k8s.io/v1/namespaces/argocd/leases'
  const lease = (renewTime: string, resourceVersion?: string): object => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'one', ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec: { holderIdentity: 'a', leaseDurationSeconds: 60, renewTime }
  })
  expect((await kubernetes('POST', path, lease('2026-11-01T08:00:00Z'))).status).toBe(400)
  expect((await kubernetes('POST', path, lease('2026-11-01T08:00:00.000000Z'))).status).toBe(201)
  const { resourceVersion } = store().get(LEASES, 'argocd', 'one').metadata
  const renew = (): Promise<Response> =>
    kubernetes('PATCH', `${path}/one`, lease('2026-11-01T08:00:20.000000Z', resourceVersion))
  expect((await renew()).status).toBe(200)
  expect((await renew()).status).toBe(409)
})

test('a policy of the cluster refuses a Secret, and so does its size', async () => {
  const path = '/api/v1/namespaces/argocd/secrets'
  const secret = (value: string): object => ({ metadata: { name: 'one' }, stringData: { value } })
  expect((await kubernetes('POST', path, secret('x'.repeat(1024 * 1024 + 1)))).status).toBe(422)
  twin.defect('policy-no-new-secrets')
  const refused = await kubernetes('POST', path, secret('x'))
  expect(await refused.json()).toMatchObject({
    code: 403,
    message: expect.stringContaining('denied the request')
  })
})
