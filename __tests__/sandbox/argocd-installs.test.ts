/** Every way in which Argo CD is installed, who owns it there, and what its owner does to edits by others. */
import { beforeEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'node:https'
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import { SHAPES } from '../../sandbox/argocd/shapes.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import { patched } from '../../sandbox/kubernetes/patches.ts'
import { useTwin } from '../twin.ts'

const USE = 'azure.workload.identity/use'
const CLIENT = 'azure.workload.identity/client-id'

const twin = useTwin()

const kind = (group: string, resource: string): Kind => kindOf(group, resource) as Kind
const get = (group: string, resource: string, namespace: string, name: string): KubeObject =>
  twin.kubernetes.store.get(kind(group, resource), namespace, name)
const deployment = (namespace: string, name: string): V1Deployment =>
  get('apps', 'deployments', namespace, name) as unknown as V1Deployment
const patch = (group: string, resource: string, namespace: string, name: string, body: unknown): void => {
  const before = get(group, resource, namespace, name)
  const next = patched(before, 'application/merge-patch+json', JSON.stringify(body))
  twin.kubernetes.store.update(kind(group, resource), before, next)
}
const templateLabel = (key: string, value: string) => ({
  spec: { template: { metadata: { labels: { [key]: value } } } }
})
async function eventually(check: () => void | Promise<void>): Promise<void> {
  const until = Date.now() + 25_000
  for (;;) {
    try {
      await check()
      return
    } catch (error) {
      if (Date.now() > until) throw error
    }
    await sleep(10)
  }
}
/** Trusting the twin's certificate, whatever the process trusts. */
function secured(
  url: string,
  options: { method: string; headers: Record<string, string> },
  body: string
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const call = request(url, { ...options, ca: twin.tls.ca }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response
        const link = headers['azure-asyncoperation']
        const shown: Record<string, string> = typeof link === 'string' ? { 'azure-asyncoperation': link } : {}
        resolve(new Response(text === '' ? null : text, { status, headers: shown }))
      })
    })
    call.on('error', reject).end(body)
  })
}
/** Environment of the running repo-server pods. */
const environments = (name: string): Record<string, string | undefined>[] =>
  twin.kubernetes.store
    .list(kind('', 'pods'))
    .map((one) => one as unknown as V1Pod)
    .filter(({ metadata }) => metadata?.name?.startsWith(name) === true)
    .map(({ spec }) =>
      Object.fromEntries((spec?.containers[0]?.env ?? []).map(({ name: key, value }) => [key, value]))
    )

describe('each install', () => {
  test.each(Object.keys(SHAPES))('%s: the state names it, and its pods run', (shape) => {
    twin.defect(shape)
    const { kubernetes } = twin.state() as {
      kubernetes: { installed: { shape: string }[]; pods: { name: string; phase: string }[] }
    }
    expect(kubernetes.installed).toMatchObject([{ shape }])
    const pods = kubernetes.pods.filter(({ name }) => name.includes('repo-server'))
    expect(pods.length).toBeGreaterThan(0)
    expect(pods.every(({ phase }) => phase === 'Running')).toBe(true)
  })

  const KUBERNETES = 'app.kubernetes.io'
  test.each([
    [
      'upstream',
      'argocd',
      'argocd-repo-server',
      'argocd-repo-server',
      /^quay\.io\/argoproj\/argocd:v3\.2\.0$/
    ],
    ['helm-install', 'argocd', 'argo-cd-argocd-repo-server', 'argo-cd-argocd-repo-server', /:v3\.2\.0$/],
    ['helm-release-argocd', 'argocd', 'argocd-repo-server', 'argocd-repo-server', /:v3\.2\.0$/],
    ['helm-default-account', 'argocd', 'argo-cd-argocd-repo-server', 'default', /:v3\.2\.0$/],
    ['operator-install', 'argocd', 'argocd-repo-server', 'default', /@sha256:[0-9a-f]{64}$/],
    ['openshift-install', 'openshift-gitops', 'openshift-gitops-repo-server', 'default', /@sha256:/],
    [
      'extension-install',
      'argocd',
      'argocd-repo-server',
      'argocd-repo-server',
      /^mcr\.microsoft\.com.*:v3\.2\.5$/
    ],
    ['version-by-digest', 'argocd', 'argocd-repo-server', 'argocd-repo-server', /@sha256:/]
  ])('%s: names, service account, image', (shape, namespace, name, serviceAccount, image) => {
    if (shape !== 'upstream') twin.defect(shape)
    const { spec } = deployment(namespace, name)
    expect(spec?.template.spec?.serviceAccountName).toBe(serviceAccount)
    expect(spec?.template.spec?.containers[0]?.image).toMatch(image)
    expect(get('', 'serviceaccounts', namespace, serviceAccount).metadata.name).toBe(serviceAccount)
  })

  test('upstream: part-of is on the Deployment, the pods carry the name only', () => {
    const { metadata, spec } = deployment('argocd', 'argocd-repo-server')
    expect(metadata?.labels).toEqual({
      [`${KUBERNETES}/name`]: 'argocd-repo-server',
      [`${KUBERNETES}/component`]: 'repo-server',
      [`${KUBERNETES}/part-of`]: 'argocd'
    })
    expect(spec?.template.metadata?.labels).toEqual({ [`${KUBERNETES}/name`]: 'argocd-repo-server' })
  })

  test('the owner is written on it: Helm, operator, extension, Argo CD itself', () => {
    const at = (shape: string, name = 'argocd-repo-server') => {
      twin.defect(shape)
      return deployment('argocd', name)
    }
    expect(at('helm-release-argocd').metadata).toMatchObject({
      labels: { [`${KUBERNETES}/managed-by`]: 'Helm', [`${KUBERNETES}/version`]: 'v3.2.0' },
      annotations: { 'meta.helm.sh/release-name': 'argocd' }
    })
    expect(at('operator-install').metadata?.ownerReferences).toMatchObject([
      { kind: 'ArgoCD', name: 'argocd' }
    ])
    expect(at('extension-install').spec?.template.metadata?.labels).toMatchObject({
      [`${KUBERNETES}/managed-by`]: 'Microsoft.ArgoCD'
    })
    expect(at('self-managed-install').metadata?.annotations).toEqual({
      'argocd.argoproj.io/tracking-id': 'argocd:apps/Deployment:argocd/argocd-repo-server'
    })
    expect(at('unlabelled-install').metadata?.labels).toEqual({})
  })

  test('core has no server, and without Argo CD its kinds are unknown', () => {
    const names = () =>
      twin.kubernetes.store.list(kind('apps', 'deployments')).map(({ metadata }) => metadata.name)
    expect(names()).toContain('argocd-server')
    twin.defect('core-install')
    expect(names()).toEqual(['argocd-repo-server', 'argocd-redis', 'argocd-applicationset-controller'])
  })
})

describe('the operator', () => {
  beforeEach(() => {
    twin.defect('operator-install')
  })
  const live = () => deployment('argocd', 'argocd-repo-server').spec?.template

  test('removes a label set by hand, and keeps keys of Kubernetes', async () => {
    patch('apps', 'deployments', 'argocd', 'argocd-repo-server', templateLabel(USE, 'true'))
    patch('apps', 'deployments', 'argocd', 'argocd-repo-server', templateLabel('kubernetes.io/team', 'a'))
    expect(live()?.metadata?.labels).toMatchObject({ [USE]: 'true' })
    await eventually(() => {
      expect(live()?.metadata?.labels).toEqual({
        'app.kubernetes.io/name': 'argocd-repo-server',
        'kubernetes.io/team': 'a'
      })
    })
  })

  test('sets what spec.repo says; the service account is not its business', async () => {
    patch('', 'serviceaccounts', 'argocd', 'default', { metadata: { annotations: { [CLIENT]: 'abc' } } })
    patch('argoproj.io', 'argocds', 'argocd', 'argocd', { spec: { repo: { labels: { [USE]: 'true' } } } })
    await eventually(() => {
      expect(environments('argocd-repo-server')).toMatchObject([{ AZURE_CLIENT_ID: 'abc' }])
    })
    patch('argoproj.io', 'argocds', 'argocd', 'argocd', { spec: { repo: { serviceaccount: 'of-our-own' } } })
    await eventually(() => {
      expect(live()?.spec?.serviceAccountName).toBe('of-our-own')
      const { status } = deployment('argocd', 'argocd-repo-server')
      expect(status?.conditions?.find(({ type }) => type === 'ReplicaFailure')?.message).toMatch(
        /serviceaccount "of-our-own" not found/
      )
    })
  })
})

describe('the extension', () => {
  const arm = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const { ids, urls } = twin.azure
    const reply = await fetch(`${urls.msi}/msi/token`, {
      method: 'POST',
      body: new URLSearchParams({ resource: 'https://management.azure.com' })
    })
    const { access_token: token } = (await reply.json()) as { access_token: string }
    const url = path.startsWith('https:')
      ? path
      : `${urls.arm}${path.replace('~', ids.clusterId)}?api-version=2025-03-01`
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return secured(url, { method, headers }, body === undefined ? '' : JSON.stringify(body))
  }
  const ONE = '~/providers/Microsoft.KubernetesConfiguration/extensions/argocd'
  const settings = (configurationSettings: Record<string, string>) => ({
    properties: { configurationSettings }
  })
  const install = (configurationSettings: Record<string, string> = {}) => ({
    properties: {
      extensionType: 'Microsoft.ArgoCD',
      autoUpgradeMinorVersion: true,
      scope: { cluster: { releaseNamespace: 'argocd' } },
      configurationSettings
    }
  })
  /** The operation's end, as its own address tells it. */
  const ended = async (reply: Response): Promise<{ status: string; error: { message: string } | null }> => {
    const link = reply.headers.get('azure-asyncoperation') ?? ''
    let document = { status: '', error: null as { message: string } | null }
    await eventually(async () => {
      document = (await (await arm('GET', link)).json()) as typeof document
      expect(document.status).not.toBe('InProgress')
    })
    return document
  }
  const V1 = { 'azure.workloadIdentity.enabled': 'true', 'azure.workloadIdentity.clientId': 'abc' }
  const V0 = { 'workloadIdentity.enable': 'true', 'workloadIdentity.clientId': 'abc' }

  test('PATCH merges settings, label and annotation follow, pods are new; the same again changes nothing', async () => {
    twin.defect('extension-install')
    const reply = await arm('PATCH', ONE, settings(V1))
    expect(reply.status).toBe(202)
    expect(await reply.json()).toMatchObject({ properties: { provisioningState: 'Updating' } })
    expect(await ended(reply)).toMatchObject({ status: 'Succeeded', error: null })
    await eventually(() => {
      expect(environments('argocd-repo-server')).toMatchObject([{ AZURE_CLIENT_ID: 'abc' }])
    })
    expect(await (await arm('GET', ONE)).json()).toMatchObject({
      properties: {
        provisioningState: 'Succeeded',
        configurationSettings: { ...V1, 'redis-ha.enabled': 'false' }
      }
    })
    expect((await arm('PATCH', ONE, settings(V1))).status).toBe(200)
    const refused = await arm('PATCH', ONE, { properties: { scope: {} } })
    expect(refused.status).toBe(400)
  })

  test('off again: what the settings had set goes, what others set stays', async () => {
    twin.defect('extension-install')
    patch('apps', 'deployments', 'argocd', 'argocd-repo-server', templateLabel('team', 'a'))
    const escaped = { 'repoServer.podLabels.cost\\.center': '42' }
    await ended(await arm('PATCH', ONE, settings({ ...V1, ...escaped })))
    const labels = () => deployment('argocd', 'argocd-repo-server').spec?.template.metadata?.labels
    expect(labels()).toMatchObject({ [USE]: 'true', team: 'a', 'cost.center': '42' })
    await ended(await arm('PATCH', ONE, settings({ 'azure.workloadIdentity.enabled': 'false' })))
    expect(labels()).toMatchObject({ team: 'a', 'cost.center': '42' })
    expect(labels()?.[USE]).toBeUndefined()
  })

  test.each([
    ['extension-install', V0, false],
    ['extension-0-0-install', V0, true],
    ['extension-0-0-install', V1, false],
    ['extension-deaf', V1, false]
  ])('%s with %j: takes effect: %s', async (shape, keys, effect) => {
    twin.defect(shape)
    expect(await ended(await arm('PATCH', ONE, settings(keys)))).toMatchObject({ status: 'Succeeded' })
    await sleep(60)
    const annotations = get('', 'serviceaccounts', 'argocd', 'argocd-repo-server').metadata.annotations
    expect(annotations?.[CLIENT]).toBe(effect ? 'abc' : undefined)
  })

  test('PUT installs Argo CD where there is none; in high availability only on four nodes', async () => {
    twin.defect('argocd-absent')
    const reply = await arm('PUT', ONE, install(V1))
    expect(reply.status).toBe(201)
    expect((await ended(reply)).status).toBe('Succeeded')
    await eventually(() => {
      expect(environments('argocd-repo-server')).toMatchObject([{ AZURE_CLIENT_ID: 'abc' }])
    })
    twin.reset()
    twin.defect('argocd-absent')
    twin.defect('small-cluster')
    const failed = await ended(await arm('PUT', ONE, install()))
    expect(failed).toMatchObject({
      status: 'Failed',
      error: { message: expect.stringMatching(/timed out/i) }
    })
    expect(await ended(await arm('PUT', ONE, install({ 'redis-ha.enabled': 'false' })))).toMatchObject({
      status: 'Succeeded'
    })
  })

  test('PUT over an Argo CD of another owner fails as Helm does', async () => {
    const failed = await ended(await arm('PUT', ONE, install()))
    expect(failed.error?.message).toMatch(/cannot be imported into the current release/)
  })

  test('DELETE takes the workload away and leaves what users made; again there is nothing', async () => {
    twin.defect('extension-install')
    expect((await arm('DELETE', ONE)).status).toBe(202)
    expect(environments('argocd-repo-server')).toEqual([])
    expect((await arm('DELETE', ONE)).status).toBe(204)
    expect((await arm('GET', ONE)).status).toBe(404)
  })

  test('a ConfigMap edited by hand is put back', async () => {
    twin.defect('extension-install')
    patch('', 'configmaps', 'argocd', 'argocd-cm', { data: { url: 'https://by.hand' } })
    await eventually(() => {
      expect(get('', 'configmaps', 'argocd', 'argocd-cm')['data']).toEqual({})
    })
    await ended(await arm('PATCH', ONE, settings({ 'configs.cm.oidc\\.config': 'x' })))
    expect(get('', 'configmaps', 'argocd', 'argocd-cm')['data']).toEqual({ 'oidc.config': 'x' })
  })

  test('an unregistered provider refuses; registering takes a moment', async () => {
    twin.defect('argocd-absent')
    twin.defect('provider-unregistered')
    const provider = `/subscriptions/${twin.azure.ids.subscriptionId}/providers/Microsoft.KubernetesConfiguration`
    const refused = await arm('PUT', ONE, install())
    expect(refused.status).toBe(409)
    expect(await refused.json()).toMatchObject({ error: { code: 'MissingSubscriptionRegistration' } })
    expect(await (await arm('POST', `${provider}/register`)).json()).toMatchObject({
      registrationState: 'Registering'
    })
    await eventually(async () => {
      expect(await (await arm('GET', provider)).json()).toMatchObject({ registrationState: 'Registered' })
    })
    expect((await arm('PUT', ONE, install())).status).toBe(201)
  })

  test('each verb asks for its own right', async () => {
    twin.defect('extension-install')
    twin.defect('arm-reader-only')
    expect((await arm('GET', ONE)).status).toBe(200)
    const refused = await arm('PATCH', ONE, settings(V1))
    expect(await refused.json()).toMatchObject({ error: { code: 'AuthorizationFailed' } })
  })
})
