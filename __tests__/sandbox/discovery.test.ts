/** What clients of Azure DevOps ask before and beside the real requests; and how it refuses what it does not have. */
import { beforeAll, expect, test } from '@jest/globals'
import { useTwin } from '../twin.ts'

const twin = useTwin({ shared: true })
let token: string
beforeAll(async () => {
  token = await twin.azure.tokenFor(twin.azure.ids.deployerClientId)
})

type Host = 'devops' | 'graph' | 'entitlements'

interface Reply {
  readonly status: number
  readonly body: Record<string, unknown> & { readonly value: Record<string, unknown>[] }
}

async function ask(
  host: Host,
  path: string,
  { method = 'GET', version = '7.1-preview.1' } = {}
): Promise<Reply> {
  const accept = version === '' ? 'application/json' : `application/json;api-version=${version}`
  const headers = { authorization: `Bearer ${token}`, accept }
  const reply = await fetch(`${twin.azure.urls[host]}/contoso/_apis${path}`, { method, headers })
  const text = await reply.text()
  return { status: reply.status, body: JSON.parse(text) as Reply['body'] }
}

test.each<[Host, string]>([
  ['devops', 'AccessControlLists'],
  ['devops', 'repositories'],
  ['graph', 'Memberships'],
  ['graph', 'Identities'],
  ['entitlements', 'ServicePrincipalEntitlements']
])('OPTIONS of the %s host lists its own routes, %s among them', async (host, resource) => {
  const { body } = await ask(host, '', { method: 'OPTIONS' })
  expect(body.value.map(({ resourceName }) => resourceName)).toContain(resource)
  expect(body['count']).toBe(body.value.length)
})

test('every route that is listed is served', async () => {
  for (const host of ['devops', 'graph', 'entitlements'] as const) {
    const { body } = await ask(host, '', { method: 'OPTIONS' })
    for (const { routeTemplate, area, resourceName } of body.value) {
      const path = String(routeTemplate)
        .replace('{project}/', '/shop/')
        .replace('{area}', String(area))
        .replace('{resource}', String(resourceName))
        .replaceAll(/\{[^}]+\}/g, 'x')
      const url = `${twin.azure.urls[host]}/contoso/${path.replace(/^\//, '')}?api-version=7.1-preview.1`
      const reply = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
      expect(await reply.text()).not.toContain('does not implement IController')
    }
  }
})

test('a group has a storage key, which leads back to it, and an identity of the old kind', async () => {
  const first = await ask('graph', '/graph/groups?continuationToken=page2')
  const [group] = first.body.value
  const descriptor = String(group?.['descriptor'])
  const { body } = await ask('graph', `/graph/storagekeys/${descriptor}`)
  expect(body.value).toBe(group?.['originId'])
  expect((await ask('graph', `/graph/descriptors/${group?.['originId'] as string}`)).body.value).toBe(
    descriptor
  )
  const identities = await ask('graph', `/identities?subjectDescriptors=${descriptor}`)
  expect(identities.body.value).toEqual([
    expect.objectContaining({
      id: group?.['originId'],
      descriptor: expect.stringMatching(/^Microsoft\.TeamFoundation\.Identity;S-1-9-1551374245(?:-\d+){5}$/)
    })
  ])
})

test('a project shows its capabilities when asked to', async () => {
  expect((await ask('devops', '/projects/shop')).body).not.toHaveProperty('capabilities')
  const { body } = await ask('devops', '/projects/shop?includeCapabilities=true')
  expect(body).toHaveProperty('capabilities.versioncontrol.sourceControlType', 'Git')
})

test('security namespaces are listed, and one that does not exist is 404', async () => {
  const { body } = await ask('devops', '/securitynamespaces')
  expect(body.value.map(({ name }) => name)).toEqual(['Git Repositories', 'Project', 'Collection'])
  const nobody = '11111111-2222-4333-8444-555555555555'
  for (const path of ['securitynamespaces', 'accesscontrollists'])
    expect(await ask('devops', `/${path}/${nobody}`)).toMatchObject({
      status: 404,
      body: { typeKey: 'InvalidSecurityNamespaceException' }
    })
})

test.each<[string, string, Host, string, { method?: string; version?: string }, number]>([
  [
    'a path that nobody serves',
    'was not found or does not implement IController',
    'devops',
    '/nothing',
    {},
    404
  ],
  [
    'a method that a path does not have',
    "does not support http method 'PUT'",
    'devops',
    '/projects',
    { method: 'PUT' },
    405
  ],
  [
    'a write without a version',
    'No api-version was supplied',
    'graph',
    '/graph/memberships/a/b',
    { method: 'PUT', version: '' },
    400
  ],
  ['a preview that is not called one', 'is under preview', 'graph', '/graph/groups', { version: '7.1' }, 400]
])('%s is refused', async (_, words, host, path, options, status) => {
  const reply = await ask(host, path, options)
  expect(reply.status).toBe(status)
  expect(JSON.stringify(reply.body)).toContain(words)
})

test.each([
  ['/providers/Microsoft.Nothing/things/one', 'InvalidResourceNamespace'],
  ['/providers/Microsoft.ManagedIdentity/identities/one', 'InvalidResourceType'],
  ['/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one', 'ResourceNotFound'],
  ['/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one/twos/two', 'InvalidResourceType'],
  ['/something/else', 'ResourceNotFound']
])('Resource Manager says what is unknown of %s: %s', async (path, code) => {
  const { urls, ids } = twin.azure
  const form = new URLSearchParams({ resource: 'https://management.azure.com/' })
  const login = await fetch(`${urls.msi}/msi/token`, { method: 'POST', body: form })
  const { access_token: bearer } = (await login.json()) as { access_token: string }
  const group = `/subscriptions/${ids.subscriptionId}/resourceGroups/${ids.resourceGroup}`
  const reply = await fetch(`${urls.arm}${group}${path}?api-version=2024-11-30`, {
    headers: { authorization: `Bearer ${bearer}` }
  })
  expect(reply.status).toBe(404)
  expect(await reply.json()).toHaveProperty('error.code', code)
})
