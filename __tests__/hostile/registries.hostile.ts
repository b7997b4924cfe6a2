/**
 * Who answers as a registry, or for one, may be anybody: no token goes elsewhere, nothing is written where the answer says so,
 * and a Secret that looks like that of a Helm repository is nobody's proof.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { startElsewhere, type Elsewhere } from '../../sandbox/elsewhere.ts'
import type { Forgery } from '../../sandbox/journal.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import type { Answer } from '../../sandbox/wire.ts'
import type { Report } from '../../src/report/report.ts'
import { FORGERIES } from '../faults/forgeries.ts'
import { useWorld } from '../world.ts'

const SECRETS = kindOf('', 'secrets') as Kind
const HOST = 'contosocharts.azurecr.io'
const INPUTS = { registries: `${HOST}/charts/app:1.2.3`, verification: 'access', 'verification-timeout': '1' }
const world = useWorld({ shared: true, timeout: 1_000 })
let elsewhere: Elsewhere
beforeAll(async () => {
  elsewhere = await startElsewhere(world.twin.tls)
})
afterAll(() => {
  elsewhere.close()
})
beforeEach(async () => {
  await world.applied()
  world.twin.journal.clear()
  world.printed.length = 0
  elsewhere.heard.length = 0
})

const forge = (place: Omit<Forgery, 'forge'>, answer: Forgery['forge']): void => {
  world.twin.journal.forge({ ...place, forge: answer })
}
const shownOf = (report: Report): string => [...world.printed, JSON.stringify(report)].join('\n')
const rolesOf = (): readonly unknown[] =>
  (world.twin.state() as { azure: { roleAssignments: readonly unknown[] } }).azure.roleAssignments

const REQUESTS: readonly (readonly [what: string, place: Omit<Forgery, 'forge'>])[] = [
  ['the challenge', { service: 'registry', method: 'GET', path: '/v2/$' }],
  ['the exchange', { service: 'registry', method: 'POST', path: '/oauth2/exchange' }],
  ['the token', { service: 'registry', method: 'POST', path: '/oauth2/token' }],
  ['the manifest', { service: 'registry', method: 'HEAD', path: '/manifests/' }],
  ['the list of registries', { service: 'arm', method: 'GET', path: '/registries\\?' }],
  ['the roles', { service: 'arm', method: 'GET', path: '/roleAssignments\\?' }]
]

describe.each(REQUESTS)('%s', (_what, place) => {
  test.each(Object.keys(FORGERIES))('%s', async (name) => {
    const made = FORGERIES[name]?.(elsewhere.url)
    if (!made) throw new Error(`no forgery ${name}`)
    forge({ ...place, times: 1 }, made)
    const report = await world.apply(INPUTS)
    expect(elsewhere.heard).toEqual([])
    expect(report.findings.filter(({ id }) => id === 'patless/defect')).toEqual([])
    // Lines of a host that are commands, and control characters.
    expect(shownOf(report)).not.toMatch(/^\s*(?:::|##vso\[|##\[)/m)

    expect(shownOf(report)).not.toMatch(/[\u0000\u0007\u001b\u2028\u202e]/)
    const { verdict, outputs } = report
    if (verdict.exitCode === 0) expect(outputs.verification).toBe('verified')
    else expect(report.findings.every(({ remedy }) => remedy !== '')).toBe(true)
  })
})

describe('a challenge that names another host is an error, before Argo CD sends its token there', () => {
  const challenge = (value: string): Answer => ({ status: 401, headers: { 'www-authenticate': value } })
  test.each([
    ['another host', () => `Bearer realm="${elsewhere.url}/oauth2/token",service="${HOST}"`],
    [
      'a host that begins alike',
      () => `Bearer realm="https://${HOST}.evil.example/oauth2/token",service="${HOST}"`
    ],
    [
      'a host after a user',
      () => `Bearer realm="https://${HOST}@evil.example/oauth2/token",service="${HOST}"`
    ],
    ['in the clear', () => `Bearer realm="http://${HOST}/oauth2/token",service="${HOST}"`],
    ['another port', () => `Bearer realm="https://${HOST}:8443/oauth2/token",service="${HOST}"`],
    ['another service', () => `Bearer realm="https://${HOST}/oauth2/token",service="evil.example"`],
    ['no realm', () => `Bearer service="${HOST}"`],
    ['a realm that is no URL', () => `Bearer realm="://",service="${HOST}"`],
    ['a login by password', () => `Basic realm="${HOST}"`],
    ['very much', () => `Bearer realm="${'x'.repeat(8_000)}",service="${HOST}"`]
  ])('%s', async (_name, value) => {
    forge({ service: 'registry', method: 'GET', path: '/v2/$' }, () => challenge(value()))
    const report = await world.apply(INPUTS)
    expect(report.findings).toMatchObject([{ id: 'registry/strange-challenge', severity: 'error' }])
    expect(elsewhere.heard).toEqual([])
    expect(world.twin.journal.entries.filter(({ path }) => path.includes('/oauth2/exchange'))).toEqual([])
    expect(report.resources.find(({ resource }) => resource === 'charts')?.result).toBe('skipped')
  })
})

describe('what is no token is refused, and shown nowhere', () => {
  test.each([
    ['a line of a header', 'abc\r\nx-evil: 1'],
    ['a command', '::add-mask::abc'],
    ['nothing', ''],
    ['a number', 42],
    ['a list', ['a.b.c']]
  ])('%s', async (_name, token) => {
    for (const [path, field] of [
      ['/oauth2/exchange', 'refresh_token'],
      ['/oauth2/token', 'access_token']
    ] as const) {
      forge({ service: 'registry', method: 'POST', path, times: 1 }, () => ({
        status: 200,
        body: { [field]: token }
      }))
      const report = await world.apply(INPUTS)
      expect(report.verdict.exitCode).toBe(1)
      expect(report.findings.map(({ id }) => id)).not.toContain('patless/defect')
      expect(shownOf(report)).not.toContain('x-evil')
      world.twin.journal.calm()
    }
  })
})

describe('what ARM says about a registry decides only about that registry', () => {
  interface Body {
    value: { id: string; properties: Record<string, unknown> }[]
  }
  const changed =
    (change: (one: Body['value'][number]) => void): Forgery['forge'] =>
    async (_call, real) => {
      const { status, body } = (await real()) as Answer & { body: Body }
      const copy = structuredClone(body)
      copy.value.forEach(change)
      return { status, body: copy }
    }
  test.each([
    ['a login server elsewhere', (one) => (one.properties['loginServer'] = 'evil.example')],
    ['a login server that begins alike', (one) => (one.properties['loginServer'] = `${HOST}.evil.example`)],
    [
      'an id of something else',
      (one) => (one.id = one.id.replace('ContainerRegistry/registries', 'KeyVault/vaults'))
    ],
    ['an id that climbs', (one) => (one.id = `${one.id}/../../vaults/x`)],
    ['an id with a query', (one) => (one.id = `${one.id}?x=`)]
  ] as [string, (one: Body['value'][number]) => void][])('%s', async (_name, change) => {
    forge({ service: 'arm', method: 'GET', path: '/registries\\?' }, changed(change))
    const report = await world.apply(INPUTS)
    expect(
      report.findings.some(({ id, severity }) => id === 'registry/not-found' && severity === 'error')
    ).toBe(true)
    expect(rolesOf()).toEqual([])
    expect(world.twin.journal.entries.filter(({ service }) => service === 'registry')).toEqual([])
  })

  test('by its id: another registry in the answer is refused', async () => {
    const { subscriptionId, resourceGroup } = world.twin.azure.ids
    const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/contosocharts`
    forge({ service: 'arm', method: 'GET', path: '/registries/contosocharts\\?' }, async (_call, real) => {
      const { status, body } = (await real()) as Answer & { body: { id: string } }
      return { status, body: { ...body, id: body.id.replace('contosocharts', 'contosolabel') } }
    })
    const report = await world.apply({ ...INPUTS, registries: `${HOST}/charts/app:1.2.3 ${id}` })
    expect(report.findings.find(({ resource }) => resource === 'registry')?.summary).toMatch(
      /another registry/
    )
    expect(rolesOf()).toEqual([])
  })

  test("roles of somebody else in the list are not the identity's", async () => {
    forge({ service: 'arm', method: 'GET', path: '/roleAssignments\\?', times: 1 }, (call) => ({
      status: 200,
      body: {
        value: [
          {
            name: '11111111-2222-4333-8444-555555555555',
            properties: {
              scope: call.url.pathname.replace(/\/providers\/Microsoft\.Authorization.*/, ''),
              principalId: '66666666-7777-4888-9999-000000000000',
              roleDefinitionId:
                '/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d'
            }
          }
        ]
      }
    }))
    expect((await world.apply(INPUTS)).outputs.verification).toBe('verified')
    expect(rolesOf()).toHaveLength(1)
  })
})

describe('what apply writes for a URL is its own, and nothing that looks like it', () => {
  const metadata =
    (more: object): ((one: KubeObject) => KubeObject) =>
    (one) => ({ ...one, metadata: { ...one.metadata, ...more } })
  const data =
    (more: Readonly<Record<string, string>>): ((one: KubeObject) => KubeObject) =>
    (one) => ({ ...one, stringData: more })
  const marked = { 'argocd.argoproj.io/secret-type': 'repository', 'app.kubernetes.io/managed-by': 'patless' }
  test.each([
    ['another label', metadata({ labels: { ...marked, team: 'a' } })],
    ['no mark', metadata({ labels: { 'argocd.argoproj.io/secret-type': 'repository' } })],
    ['an annotation', metadata({ annotations: { note: 'mine' } })],
    ['a finalizer', metadata({ finalizers: ['example.com/keep'] })],
    ['another key', data({ name: 'mine' })],
    ['a password', data({ password: 'a-password-of-somebody' })],
    ['a key that differs', data({ type: 'oci' })]
  ])('with %s, remove leaves it', async (_name, change) => {
    await world.apply(INPUTS)
    const { store } = world.twin.kubernetes
    const isIt = ({ data: found }: KubeObject): boolean =>
      Buffer.from((found as Record<string, string>)['url'] ?? '', 'base64').toString() === `${HOST}/charts`
    const [secret] = store.list(SECRETS, 'argocd').filter(isIt)
    if (!secret) throw new Error('there is no Secret')
    store.update(SECRETS, secret, change(secret))
    const report = await world.remove({ registries: INPUTS.registries })
    expect(report.resources.find(({ resource }) => resource === 'charts')?.summary).toMatch(
      /not provably made by Patless/
    )
    expect(store.list(SECRETS, 'argocd').filter(isIt)).toHaveLength(1)
  })
})
