/** A live run touches nothing that is somebody's, and takes away what an earlier one left, without the product's help. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  accountOf,
  annotate,
  createSecret,
  deleteIdentity,
  deleteSecret,
  encoded,
  identityOf,
  memberOf,
  secretsOf
} from '../../live/chain.ts'
import { findLeftovers, sweep } from '../../live/cleaning.ts'
import { OTHER_CLIENT, ROUNDS } from '../../live/defects.ts'
import { LiveRun } from '../../live/run.ts'
import { NotStarted, settingsOf } from '../../live/settings.ts'
import { settingsOfTwin } from '../../live/twin.ts'
import { startTwin, type Twin } from '../../sandbox/twin.ts'

let twin: Twin
let run: LiveRun
beforeAll(async () => {
  twin = await startTwin()
  const environment = settingsOfTwin(twin)
  run = await LiveRun.start(settingsOf(environment), environment)
  // From it the suite has its tokens.
  await run.patless('check')
}, 60_000)
afterAll(async () => {
  await run.close()
  await twin.close()
})

test('where nothing is, it begins', async () => {
  expect(await findLeftovers(run.hand)).toBe(false)
})

test("somebody's identity of that name stops it", async () => {
  const { subscriptionId, resourceGroup, identity } = run.settings
  const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${identity}`
  await run.hand.arm('PUT', `${path}?api-version=2024-11-30`, { location: 'westeurope', tags: { team: 'a' } })
  await expect(findLeftovers(run.hand)).rejects.toThrow(NotStarted)
  await expect(findLeftovers(run.hand)).rejects.toThrow(/PATLESS_LIVE_IDENTITY/)
  await deleteIdentity(run.hand)
})

test('an Argo CD with an identity of its own stops it', async () => {
  const key = 'azure.workload.identity/client-id'
  await annotate(run.hand, { [key]: 'e1a2b3c4-d5e6-4f70-8190-a1b2c3d4e506' })
  await expect(findLeftovers(run.hand)).rejects.toThrow(/has an identity/)
  await annotate(run.hand, { [key]: null })
})

test("somebody's Secret for the repository stops it", async () => {
  const metadata = { name: 'theirs', labels: { 'argocd.argoproj.io/secret-type': 'repository' } }
  const data = { type: encoded('git'), url: encoded(run.settings.repositoryUrl), password: encoded('theirs') }
  await createSecret(run.hand, { apiVersion: 'v1', kind: 'Secret', metadata, data })
  await expect(findLeftovers(run.hand)).rejects.toThrow(/has a Secret/)
  expect(await sweep(run.hand, [])).toEqual([])
  expect((await secretsOf(run.hand)).map(({ metadata: { name } }) => name)).toEqual(['theirs'])
  await deleteSecret(run.hand, 'theirs')
})

test('a run that was killed among its defects is cleaned up by hand', async () => {
  const { hand } = run
  expect((await run.patless('apply', { verification: 'none' })).exitCode).toBe(0)
  const { principalId = '' } = (await identityOf(hand)) ?? {}
  for (const defect of ROUNDS[2] ?? []) await defect.make(hand)
  expect(await findLeftovers(hand)).toBe(true)
  expect(await sweep(hand, [])).toEqual([])
  expect(await findLeftovers(hand)).toBe(false)
  expect(await identityOf(hand)).toBeUndefined()
  expect(await memberOf(hand, principalId)).toBeUndefined()
  expect(await secretsOf(hand)).toEqual([])
  expect((await accountOf(hand))?.metadata.annotations ?? {}).toEqual({})
})

test("without its identity, what a killed run left cannot be distinguished from somebody's", async () => {
  const { hand } = run
  expect((await run.patless('apply', { verification: 'none' })).exitCode).toBe(0)
  await deleteIdentity(hand)
  await expect(findLeftovers(hand)).rejects.toThrow(/kubectl annotate -n argocd serviceaccount/)
  await annotate(hand, { 'azure.workload.identity/client-id': null })
  await expect(findLeftovers(hand)).rejects.toThrow(/has a Secret in argocd/)
  // The run that did it knows whom it made.
  await annotate(hand, { 'azure.workload.identity/client-id': OTHER_CLIENT })
  expect(await sweep(hand, run.principals)).toEqual([])
  expect(await findLeftovers(hand)).toBe(false)
})

test('what cannot be taken away is said, and the rest is taken away all the same', async () => {
  const { hand } = run
  expect((await run.patless('apply', { verification: 'none' })).exitCode).toBe(0)
  twin.defect('arm-reader-only')
  expect(await sweep(hand, run.principals)).toEqual([
    expect.stringMatching(/^identity id-patless-live: expected 200 or 204, found 403/)
  ])
  expect(await secretsOf(hand)).toEqual([])
})
