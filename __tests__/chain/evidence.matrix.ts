/** What the word "verified" of Argo CD rests on: a record that holds, what it compared by itself, or its answer. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { Hands } from '../situations/hands.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const STATEFUL_SETS = kindOf('apps', 'statefulsets') as Kind
const REFRESH = 'argocd.argoproj.io/refresh'

let world: WorldUnderTest
let hands: Hands
beforeAll(async () => {
  world = await startWorldUnderTest()
  hands = new Hands(world)
})
afterAll(() => world.twin.close())
beforeEach(() => {
  world.twin.reset()
})

const reasonOf = async (): Promise<string> => (await world.check()).verification.reason

describe('a record of an earlier proof', () => {
  test('is void when something else is read by, and says what, and when it was last proved', async () => {
    await world.apply()
    hands.write('repository', { proxy: 'http://127.0.0.1:9' })
    await hands.restart()
    const report = await world.check()
    expect(report.outputs).toMatchObject({ drift: 'false', verification: 'inconclusive' })
    expect(report.verdict.exitCode).toBe(0)
    expect(report.findings.filter(({ severity }) => severity === 'warning')).toMatchObject([
      { id: 'verification/proxy-unreachable', verification: 'access' },
      { id: 'verification/never-seen', verification: 'argocd' }
    ])
    expect(report.verification.reason).toMatch(
      /it was last verified at \S+Z, and these have changed since: Secret repo-\d+, pods; no Application in argocd uses https/
    )
  })

  test('is not written where a policy refuses it: verified, with a note', async () => {
    const body = { kind: 'Status', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 }
    const path = '/secrets/.*fieldManager=patless-bookkeeping'
    world.twin.journal.forge({
      service: 'kubernetes',
      method: 'PATCH',
      path,
      forge: () => ({ status: 403, body })
    })
    const report = await world.apply()
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(report.findings.map(({ id }) => id)).toContain('verification/not-noted')
  })

  test('and writing it changes nothing of when the Secret was last changed', async () => {
    await world.apply()
    const [secret] = hands.secrets('repository')
    const managers = (secret?.metadata.managedFields as { manager: string }[]).map(({ manager }) => manager)
    expect(managers).toContain('patless-bookkeeping')
    expect(await reasonOf()).toMatch(/nothing that its reading depends on has changed since$/)
  })
})

describe('what Argo CD compared by itself', () => {
  test('after the last change proves it, and the reason says what was seen', async () => {
    await world.apply({ verification: 'access' })
    hands.letTimePass()
    hands.application()
    expect(await hands.said()).toBe('')
    const report = await world.check()
    expect(report.verdict.exitCode).toBe(0)
    expect(report.verifications.argocd).toMatchObject({
      result: 'verified',
      reason: expect.stringMatching(
        /^Argo CD itself compared argocd\/situation at \S+Z with [0-9a-f]{8}, after the last change of what it reads by \(.*\); the fetch was done by this run, as the same identity$/
      ) as unknown
    })
  })

  test('soon after a change does not: the refs may be remembered from before', async () => {
    await world.apply({ verification: 'access' })
    hands.application()
    await hands.said()
    expect(await reasonOf()).toMatch(
      /was compared at .*, and .* was changed at .*may remember refs for 3 minutes/
    )
  })

  test('does not prove it with a version that is not known', async () => {
    world.twin.defect('version-by-digest')
    await world.apply({ verification: 'access' })
    hands.letTimePass()
    hands.application()
    await hands.said()
    expect(await reasonOf()).toMatch(/Argo CD is of an unknown version/)
  })

  test('a complaint of before the last proof counts no more, one of after it does', async () => {
    await world.apply({ verification: 'none' })
    hands.application(
      {},
      {
        'twin.example/says':
          'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: authentication required'
      }
    )
    await hands.said()
    expect((await world.check()).outputs.verification).toBe('failed')
    const [found] = world.twin.kubernetes.store.list(APPLICATIONS, 'argocd')
    if (!found) throw new Error('there is no Application')
    const status = { ...(found.status as object), reconciledAt: '2026-01-01T00:00:00Z' }
    world.twin.kubernetes.store.update(APPLICATIONS, found, { ...found, status })
    expect((await world.check()).outputs.verification).toBe('inconclusive')
  })
})

describe('who is asked', () => {
  test('nobody where the controller has no replicas, and that is said at once', async () => {
    const { store } = world.twin.kubernetes
    const before = store.get(STATEFUL_SETS, 'argocd', 'argocd-application-controller')
    store.update(STATEFUL_SETS, before, { ...before, spec: { ...(before.spec as object), replicas: 0 } })
    const began = Date.now()
    const report = await world.apply()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.map(({ id }) => id)).toContain('argocd/controller-stopped')
    expect(Date.now() - began).toBeLessThan(10_000)
  })

  test('not an Application that is not reconciled: a probe is, and the Application is left as it was', async () => {
    hands.application({}, { 'argocd.argoproj.io/skip-reconcile': 'true' })
    const report = await world.apply()
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(report.verifications.argocd?.reason).toMatch(/refreshed a probe/)
    const [left] = world.twin.kubernetes.store.list(APPLICATIONS, 'argocd')
    expect(left?.metadata.annotations).toEqual({ 'argocd.argoproj.io/skip-reconcile': 'true' })
  })

  test('one that does not answer gets its refresh taken off again, and the probe answers', async () => {
    hands.application()
    await hands.said()
    const { store } = world.twin.kubernetes
    const [found] = store.list(APPLICATIONS, 'argocd')
    if (!found) throw new Error('there is no Application')
    // Its cluster is paused since: it was compared, and is not looked at any more.
    hands.create('cluster', { server: 'https://paused.example' }, 'paused')
    hands.mark('cluster', () => ({ annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } }))
    const spec = {
      ...(found.spec as object),
      destination: { server: 'https://paused.example', namespace: 'x' }
    }
    store.update(APPLICATIONS, found, { ...found, spec })
    const report = await world.apply({ 'verification-timeout': '6' })
    expect(report.verdict.summary).toBe('Changed, verified.')
    const left = store.find(APPLICATIONS, 'argocd', found.metadata.name)
    expect(left?.metadata.annotations?.[REFRESH]).toBeUndefined()
  })
})
