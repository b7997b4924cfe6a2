/** What the login says when something else answers in Entra's place: a proxy's page, or half of a document. */
import { expect, test } from '@jest/globals'
import type { Answer } from '../../sandbox/wire.ts'
import { explain } from '../../src/diagnosis/explain.ts'
import type { FindingFacts } from '../../src/core/finding.ts'
import { useWorld } from '../world.ts'

const world = useWorld()

const page = (status: number): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!DOCTYPE html><html><title>Please sign in to the proxy</title></html>'
})
const json = (body: object): Answer => ({ status: 200, body })
const DISCOVERY = '/v2\\.0/\\.well-known/openid-configuration'
const TOKEN = '/oauth2/v2\\.0/token'

async function refusal(path: string, answer: Answer): Promise<FindingFacts> {
  const { journal } = world.twin
  journal.forge({ service: 'entra', path, forge: () => answer })
  world.printed.length = 0
  const problem = await world.check({ verification: 'none' }).then(({ findings }) => findings[0], explain)
  journal.calm()
  if (!problem) throw new Error('the login was in order')
  // At once.
  expect(world.printed.join('\n')).not.toMatch(/Trying again|Waiting/)
  return problem
}

test.each([
  ['a page for the discovery document', DISCOVERY, page(200)],
  ['a page for the token', TOKEN, page(200)],
  ['a refusal with a page for the discovery document', DISCOVERY, page(403)],
  ['a refusal with a page for the token', TOKEN, page(403)],
  ['half of a discovery document', DISCOVERY, json({ issuer: 'https://entra' })],
  ['an answer without a token', TOKEN, json({ token_type: 'Bearer' })],
  ['a list for the token', TOKEN, json([])]
])('%s is told as an answer, at once', async (_case, path, answer) => {
  const { summary: what, remedy } = await refusal(path, answer)
  expect(what).toMatch(/^Entra answered /)
  expect(remedy).toContain('proxy')
})

test.each([
  [DISCOVERY, 429],
  [DISCOVERY, 503],
  [TOKEN, 429],
  [TOKEN, 503]
])('%s answered with %i is asked for again when Entra says, and then in order', async (path, status) => {
  await world.applied()
  const { journal } = world.twin
  // One for each of the logins that a run makes at once.
  const busy: Answer = {
    status,
    headers: { 'retry-after': '1' },
    body: { error_description: 'AADSTS90033: busy' }
  }
  journal.forge({ service: 'entra', path, times: 3, forge: () => busy })
  world.printed.length = 0
  const started = performance.now()
  expect((await world.check({ verification: 'none' })).outputs.drift).toBe('false')
  expect(world.printed.join('\n')).toContain(`Entra answered ${status}`)
  expect(world.printed.join('\n')).toContain('Trying again in 1.0 s')
  expect(performance.now() - started).toBeGreaterThan(990)
})

test('a tenant that Entra does not know is reported with its code', async () => {
  const body = {
    error: 'invalid_tenant',
    error_description: "AADSTS90002: Tenant 'x' not found. Trace ID: 1",
    error_codes: [90002]
  }
  for (const path of [DISCOVERY, TOKEN]) {
    const { summary: what, code } = await refusal(path, { status: 400, body })
    expect(code).toBe('AADSTS90002')
    expect(what).toContain('not found')
  }
})
