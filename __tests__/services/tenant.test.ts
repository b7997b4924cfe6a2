/** The tenant of an organization, from the headers of an answer that nobody had to log in for. */
import { afterEach, expect, test } from '@jest/globals'
import { Organization } from '../../src/services/azure-devops/client.ts'
import { Members } from '../../src/services/azure-devops/members.ts'
import { endpointsOf } from '../../src/services/endpoints.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ shared: true })
afterEach(() => {
  world.twin.journal.calm()
})

const wire = {
  policy: { deadline: Date.now() + 600_000, report: () => undefined, signal: new AbortController().signal },
  debug: () => undefined,
  warn: () => undefined,
  timeout: 5_000,
  proxyFor: () => undefined
}
const tenantOf = (organization: string): Promise<string | undefined> => {
  const token = (): Promise<string> => Promise.reject(new Error('nobody logs in for this'))
  const endpoints = endpointsOf('public', world.twin.environment)
  return new Members(new Organization(organization, endpoints, token, wire)).tenant()
}

const NONE = '00000000-0000-0000-0000-000000000000'
const ONE = '5f1f3d5c-8a3e-4b1d-9a70-3d2c7c1c2a01'
const TWO = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const login = (tenant: string): string => `Bearer authorization_uri=https://login.windows.net/${tenant}`

test.each<[string, Record<string, string>, string | undefined]>([
  ['one value', { 'x-vss-resourcetenant': ONE }, ONE],
  ['zeros, then a tenant', { 'x-vss-resourcetenant': `${NONE}, ${ONE}` }, ONE],
  ['no blank between them', { 'x-vss-resourcetenant': `${NONE},${TWO},${ONE}` }, TWO],
  ['words and empty places between', { 'x-vss-resourcetenant': `, none,${TWO.slice(1)}, ${ONE}` }, ONE],
  ['zeros alone', { 'x-vss-resourcetenant': `${NONE}, ${NONE}` }, undefined],
  ['a word alone', { 'x-vss-resourcetenant': 'contoso.onmicrosoft.com' }, undefined],
  ['nothing', {}, undefined],
  ['zeros in the challenge', { 'www-authenticate': login(NONE), 'x-vss-resourcetenant': ONE }, ONE],
  ['two challenges', { 'www-authenticate': `${login(NONE)}, ${login(TWO)}, Basic realm="x"` }, TWO],
  ['dashes that are no GUID', { 'www-authenticate': login('-'.repeat(36)), 'x-vss-resourcetenant': ONE }, ONE]
])('of several values the first that is one: %s', async (_name, headers, tenant) => {
  world.twin.journal.forge({ service: 'devops', method: 'HEAD', forge: () => ({ status: 401, headers }) })
  expect(await tenantOf('contoso')).toBe(tenant)
})

test('as the twin answers', async () => {
  expect(await tenantOf('contoso')).toBe(world.twin.azure.ids.tenantId)
})
