/** One odd item in a list stops no run: it is skipped with a note, and decides nothing. */
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { STREAMED } from '../../sandbox/wire.ts'
import type { Report } from '../../src/report/report.ts'
import { needsAction } from '../../src/report/findings.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ shared: true })
beforeAll(async () => {
  await world.apply({ verification: 'none' })
})
afterEach(() => {
  world.twin.journal.calm()
})

/** Answers to GETs of the path have these entries beside the real ones. */
function beside(path: string, entries: readonly unknown[], at = 'value'): void {
  world.twin.journal.forge({
    method: 'GET',
    path,
    async forge(_call, real) {
      const answer = await real()
      if (answer === STREAMED) return answer
      const body = answer.body as Record<string, unknown[]>
      return { ...answer, body: { ...body, [at]: [...entries, ...(body[at] ?? [])] } }
    }
  })
}

const check = (): Promise<Report> => world.check({ verification: 'none' })
const notes = ({ findings }: Report) => findings.filter((one) => !needsAction(one)).map(({ id }) => id)

const GUID = '0b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03'

describe.each<[string, string, unknown[]]>([
  [
    'a flexible federated credential',
    'federatedIdentityCredentials\\?',
    [
      {
        name: 'flexible',
        properties: {
          issuer: 'https://token.actions.githubusercontent.com',
          claimsMatchingExpression: { value: "claims['sub'] matches 'repo:contoso/*'", languageVersion: 1 },
          audiences: ['api://AzureADTokenExchange']
        }
      }
    ]
  ],
  [
    'credentials of whatever form',
    'federatedIdentityCredentials\\?',
    [
      { name: '../other', properties: { issuer: 7, subject: null, audiences: {} } },
      { name: 'no-properties' },
      { name: 'audience-null', properties: { issuer: 'https://i', subject: 's', audiences: [null] } }
    ]
  ],
  [
    'service principals without originId',
    'graph/serviceprincipals\\?',
    [{ descriptor: 'aadsp.x' }, { originId: null, descriptor: 'aadsp.y' }, 'text', null]
  ],
  ['an area without a location', 'resourceAreas', [{ id: 7 }, { id: GUID, locationUrl: false }]],
  ['a cluster of another time', 'managedClusters\\?', [{ id: 1, name: 'other', properties: [] }]]
])('%s', (_name, path, entries) => {
  test('is skipped with a note, and the chain is in order', async () => {
    beside(path, entries)
    // By its name alone: subscriptions and clusters are looked through.
    const report = await world.check({ verification: 'none', 'subscription-id': '', 'resource-group': '' })
    expect(report.verdict.exitCode).toBe(0)
    expect(new Set(Object.values(wordsOf(report)))).toEqual(new Set(['unchanged']))
    const ids = ['federated-credential/another-form', 'http/entry-skipped']
    expect(notes(report).filter((id) => ids.includes(id))).toHaveLength(1)
  })
})

test('an extension of another type is not looked at', async () => {
  beside('extensions\\?', [{ name: 5, properties: { extensionType: 'microsoft.flux', scope: 7 } }])
  const report = await check()
  expect(wordsOf(report).argocd).toBe('unchanged')
  expect(notes(report)).not.toContain('http/entry-skipped')
})

test('what the note says names the list and the field, and nothing that is in it', async () => {
  beside('graph/serviceprincipals\\?', [{ descriptor: 'aadsp.secret-word', originId: ['secret-word'] }])
  const { findings } = await check()
  const note = findings.find(({ id }) => id === 'http/entry-skipped')
  expect(note).toMatchObject({
    severity: 'note',
    summary:
      'Azure DevOps answered GET /contoso/_apis/graph/serviceprincipals with an entry that this version does not understand (originId): skipped.'
  })
})

test('apply writes beside it, and remove leaves what the odd ones may need', async () => {
  const flexible = { name: 'flexible', properties: { issuer: 'https://i', audiences: ['a'] } }
  world.twin.defect('credential-subject')
  beside('federatedIdentityCredentials\\?', [flexible])
  expect(wordsOf(await world.apply({ verification: 'none' }))['federated-credential']).toBe('updated')
  const removed = await world.run({ mode: 'remove', 'dry-run': 'true' })
  const identity = removed.resources.find(({ resource }) => resource === 'identity')
  expect(identity).toMatchObject({
    result: 'skipped',
    summary: expect.stringContaining('other federated credentials: flexible') as unknown as string
  })
})

test('an entitlement of a project that cannot be read keeps the licence', async () => {
  world.twin.journal.forge({
    method: 'GET',
    path: 'serviceprincipalentitlements/',
    async forge(_call, real) {
      const answer = await real()
      if (answer === STREAMED) return answer
      const body = answer.body as { projectEntitlements: unknown[] }
      const odd = { group: { groupType: 3 }, projectRef: 'x' }
      return { ...answer, body: { ...body, projectEntitlements: [odd, ...body.projectEntitlements] } }
    }
  })
  expect((await check()).verdict.exitCode).toBe(0)
  const removed = await world.run({ mode: 'remove', 'dry-run': 'true' })
  expect(removed.resources.find(({ resource }) => resource === 'entitlement')).toMatchObject({
    result: 'skipped',
    summary: expect.stringContaining('(one that could not be read)') as unknown as string
  })
})
