/**
 * Defects that somebody makes with kubectl and az: the requests that these programs send, instead of the twin's switch.
 * The first finding names each.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'

let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest()
})
afterAll(() => world.twin.close())

const NAME = 'argocd-repo-server'
const CLIENT_ID = 'azure.workload.identity/client-id'
const LABEL = 'azure.workload.identity/use'
const MERGE = 'application/merge-patch+json'

async function send(url: string, method: string, token: string, body?: unknown, type = 'application/json') {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const text = await answer.text()
  expect([method, url, answer.status < 300, answer.status < 300 ? '' : text]).toEqual([method, url, true, ''])
  return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
}

/** As kubectl sends it. */
function kubectl(method: string, path: string, body?: unknown, type = MERGE) {
  const { clusters, users } = parse(world.twin.kubernetes.kubeconfig()) as {
    clusters: { cluster: { server: string } }[]
    users: { user: { token: string } }[]
  }
  return send(`${clusters[0]?.cluster.server ?? ''}${path}`, method, users[0]?.user.token ?? '', body, type)
}

const account = (metadata: object) =>
  kubectl('PATCH', `/api/v1/namespaces/argocd/serviceaccounts/${NAME}`, { metadata })
const deployment = (body: object) =>
  kubectl('PATCH', `/apis/apps/v1/namespaces/argocd/deployments/${NAME}`, body)
const template = (metadata: object) => deployment({ spec: { template: { metadata } } })
const environment = async (name: string, value: string) => {
  const container = { name: NAME, env: [{ name, value }] }
  const path = `/apis/apps/v1/namespaces/argocd/deployments/${NAME}`
  await kubectl(
    'PATCH',
    path,
    { spec: { template: { spec: { containers: [container] } } } },
    'application/strategic-merge-patch+json'
  )
}

async function secretOf() {
  const { items } = (await kubectl(
    'GET',
    '/api/v1/namespaces/argocd/secrets?labelSelector=argocd.argoproj.io%2Fsecret-type%3Drepository'
  )) as unknown as { items: { metadata: { name: string } }[] }
  return `/api/v1/namespaces/argocd/secrets/${items[0]?.metadata.name ?? ''}`
}
const secret = async (body: object) => kubectl('PATCH', await secretOf(), body)

/** As az sends it, with the token of its login. */
async function az(method: string, path: string, body?: unknown) {
  const { environment: of, azure } = world.twin
  const url = `${of['SANDBOX_MSI_ENDPOINT'] ?? ''}?resource=https%3A%2F%2Fmanagement.azure.com&api-version=2018-02-01`
  const login = await fetch(url, { headers: { Metadata: 'true' } })
  const { access_token: token } = (await login.json()) as { access_token: string }
  const { subscriptionId, resourceGroup } = azure.ids
  const identity = `${azure.urls.arm}/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${of['SANDBOX_IDENTITY'] ?? ''}`
  return send(`${identity}${path}?api-version=2024-11-30`, method, token, body)
}

interface Credential {
  readonly name: string
  readonly properties: { readonly issuer: string; readonly subject: string; readonly audiences: string[] }
}

async function credential(change: (of: Credential['properties']) => Credential['properties']) {
  const { value } = (await az('GET', '/federatedIdentityCredentials')) as unknown as { value: Credential[] }
  const [one] = value
  if (!one) throw new Error('there is no credential')
  await az('PUT', `/federatedIdentityCredentials/${one.name}`, { properties: change(one.properties) })
}

const encoded = (text: string): string => Buffer.from(text).toString('base64')

const HANDS: readonly (readonly [what: string, id: string, by: () => Promise<unknown>])[] = [
  [
    'az identity federated-credential update: no slash',
    'federated-credential/issuer-slash',
    () => credential((of) => ({ ...of, issuer: of.issuer.slice(0, -1) }))
  ],
  [
    'az identity federated-credential update: another issuer',
    'federated-credential/issuer-of-another-cluster',
    () => credential((of) => ({ ...of, issuer: 'https://issuer.example/old/' }))
  ],
  [
    'az identity federated-credential update: another account',
    'federated-credential/subject-differs',
    () => credential((of) => ({ ...of, subject: 'system:serviceaccount:flux-system:source-controller' }))
  ],
  [
    'az identity federated-credential update: capitals',
    'federated-credential/case-differs',
    () => credential((of) => ({ ...of, subject: of.subject.replace('argocd:', 'ArgoCD:') }))
  ],
  [
    'az identity federated-credential update: audience',
    'federated-credential/audience-differs',
    () => credential((of) => ({ ...of, audiences: ['api://AzureADTokenExchangeUSGov'] }))
  ],
  ['kubectl patch: label removed', 'workload/label-missing', () => template({ labels: { [LABEL]: null } })],
  ['kubectl patch: label "yes"', 'workload/label-value', () => template({ labels: { [LABEL]: 'yes' } })],
  [
    'kubectl label deploy',
    'workload/label-misplaced',
    async () => {
      await template({ labels: { [LABEL]: null } })
      await deployment({ metadata: { labels: { [LABEL]: 'true' } } })
    }
  ],
  [
    'kubectl annotate sa: removed',
    'workload/annotation-missing',
    () => account({ annotations: { [CLIENT_ID]: null } })
  ],
  [
    'kubectl annotate sa: a name',
    'workload/annotation-not-client-id',
    () => account({ annotations: { [CLIENT_ID]: 'id-argocd' } })
  ],
  [
    'kubectl annotate sa: another tenant',
    'workload/other-tenant',
    () =>
      account({
        annotations: { 'azure.workload.identity/tenant-id': '00000000-0000-0000-0000-0000000000aa' }
      })
  ],
  [
    'kubectl set env: client id',
    'workload/set-by-hand',
    () => environment('AZURE_CLIENT_ID', '00000000-0000-0000-0000-0000000000aa')
  ],
  [
    'kubectl set env: a secret',
    'workload/client-secret-in-environment',
    () => environment('AZURE_CLIENT_SECRET', 'not-a-real-secret-0123456789')
  ],
  [
    'kubectl set env: the Entra of another cloud',
    'workload/other-authority',
    () => environment('AZURE_AUTHORITY_HOST', 'https://login.microsoftonline.us/')
  ],
  [
    'kubectl annotate: skip-containers',
    'workload/skipped-by-webhook',
    () => template({ annotations: { 'azure.workload.identity/skip-containers': NAME } })
  ],
  ['kubectl delete secret', 'connection/missing', async () => kubectl('DELETE', await secretOf())],
  [
    'kubectl patch secret: a password',
    'connection/stored-credentials',
    () => secret({ data: { password: encoded('not-a-real-secret-0123456789') } })
  ],
  [
    'kubectl patch secret: "yes"',
    'connection/not-readable',
    () => secret({ data: { useAzureWorkloadIdentity: encoded('yes') } })
  ],
  [
    'kubectl patch secret: a key in lower case',
    'connection/key-misspelled',
    () => secret({ data: { useAzureWorkloadIdentity: null, useazureworkloadidentity: encoded('true') } })
  ],
  [
    'kubectl label secret: another type',
    'connection/secret-unlabelled',
    () => secret({ metadata: { labels: { 'argocd.argoproj.io/secret-type': 'repo' } } })
  ],
  [
    'kubectl patch secret: of one project',
    'connection/project-scoped',
    () => secret({ data: { project: encoded('team-a') } })
  ],
  [
    'kubectl delete mutatingwebhookconfiguration, then a rollout',
    'workload/webhook-missing',
    async () => {
      await kubectl(
        'DELETE',
        '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/azure-wi-webhook-mutating-webhook-configuration'
      )
      await template({ annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-01T08:00:00Z' } })
    }
  ]
]

test.each(HANDS)(
  '%s: %s',
  async (_what, id, by) => {
    await world.applied()
    await by()
    await sleep(150)
    const report = await world.check({ 'verification-timeout': '1' })
    expect(report.findings.map((one) => one.id)[0]).toBe(id)
    expect(report.outputs.verification).not.toBe('verified')
  },
  60_000
)

test('they are twenty at least', () => {
  expect(HANDS.length).toBeGreaterThanOrEqual(20)
})
