/** Argo CD itself: asked through an Application, once, as long as nothing changes. */
import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { passTime, resetTime } from '../../../sandbox/clock.ts'
import { wordsOf } from '../../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject } from '../../../sandbox/kubernetes/objects.ts'
import type { Answer } from '../../../sandbox/wire.ts'
import { probeMetadata, probeSpec } from '../../../src/argocd/probe.ts'
import type { Report } from '../../../src/report/report.ts'
import { useWorld } from '../../world.ts'
import { describeBroken } from '../cases.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const SECRETS = kindOf('', 'secrets') as Kind
const ROLES = kindOf('rbac.authorization.k8s.io', 'roles') as Kind
const APPLICATION = {
  'application-name': 'app',
  'application-path': 'deploy',
  'application-namespace': 'shop'
}

const world = useWorld()
const applications = (): KubeObject[] => world.twin.kubernetes.store.list(APPLICATIONS, 'argocd')
const notesOf = ({ findings }: Report): Report['findings'] =>
  findings.filter(({ severity }) => severity === 'note')
const notes = (report: Report): string =>
  notesOf(report)
    .map(({ summary }) => summary)
    .join('\n')
const notesOn = (report: Report, place: string): string[] =>
  notesOf(report)
    .filter(({ resource, verification }) => (resource ?? verification) === place)
    .map(({ summary }) => summary)

test('asks Argo CD once: then its word stands until something changes', async () => {
  await world.apply()
  const { verifications: proofs } = await world.check()
  expect(proofs.access?.result).toBe('verified')
  expect(proofs.argocd).toMatchObject({
    result: 'skipped',
    reason: expect.stringMatching(
      /^Argo CD itself was observed to read at \S+Z, and nothing that its reading depends on has changed since$/
    ) as unknown
  })
  expect((await world.check({ verification: 'access' })).verifications).not.toHaveProperty('argocd')
  expect((await world.check({ verification: 'none' })).verifications).toEqual({})
})

test('does not ask Argo CD when the access itself fails', async () => {
  await world.apply()
  const forge = (): Answer => {
    passTime(28_000)
    return { status: 500, body: { message: 'the service is down' } }
  }
  world.twin.journal.forge({ service: 'git', path: 'info/refs', forge })
  const { verifications: proofs } = await world.check().finally(resetTime)
  world.twin.journal.calm()
  expect(proofs.access?.result).toBe('failed')
  expect(proofs.argocd).toMatchObject({
    result: 'skipped',
    reason: 'access verification failed'
  })
})

test('asks Argo CD for an Application only when it is in order', async () => {
  const forge = (): Answer => ({ status: 403, body: { kind: 'Status', status: 'Failure', message: 'no' } })
  world.twin.journal.forge({ service: 'kubernetes', path: '/applications(?:\\?|$)', method: 'POST', forge })
  const { verifications: proofs } = await world.apply(APPLICATION)
  expect(proofs.access?.result).toBe('verified')
  expect(proofs.argocd).toMatchObject({
    result: 'skipped',
    reason: 'application failed'
  })
})

test('an Application pinned to a commit that its clone has shows nothing: a probe is asked instead', async () => {
  const { azure, temporary, kubernetes } = world.twin
  const [folder = ''] = globSync(join(temporary, '**', `${azure.ids.repositoryId}.git`))
  const first = execFileSync('git', ['-C', folder, 'rev-list', '--max-parents=0', 'main'], {
    encoding: 'utf8'
  }).trim()
  const pinned = { 'application-name': 'app', 'application-path': 'deploy', 'application-revision': first }
  await world.apply({ ...pinned, verification: 'none' })
  const head = execFileSync('git', ['-C', folder, 'rev-parse', 'main'], { encoding: 'utf8' }).trim()
  const { verifications, repositories } = await world.apply(pinned)
  expect(verifications.argocd).toMatchObject({
    result: 'verified',
    reason: expect.stringMatching(/^Argo CD itself refreshed a probe/) as unknown
  })
  expect(repositories[0]?.verifications.argocd?.commit).toBe(head)
  expect(kubernetes.store.list(APPLICATIONS, 'argocd')).toHaveLength(1)
})

describe('the proof through Argo CD', () => {
  /** What a run leaves that is killed while Argo CD reads. */
  function killedProbe(age: 'old' | 'young' = 'old'): string {
    const { store } = world.twin.kubernetes
    const url = world.twin.azure.ids.repositoryUrl
    const made = store.create(APPLICATIONS, 'argocd', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: probeMetadata(url, 'aaaaaa') as KubeObject['metadata'],
      spec: probeSpec(url, 'argocd', 'default')
    })
    if (age === 'old') store.age(APPLICATIONS, made)
    return made.metadata.name
  }

  test('asks an Application that uses the repository, and makes no probe', async () => {
    world.twin.defect('application-on-repository')
    const report = await world.apply()
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(world.writes().filter((one) => /POST .*\/applications$/.test(one))).toEqual([])
    expect(world.writes().some((one) => /PATCH .*\/applications\/\w+$/.test(one))).toBe(true)
  })

  test('uses a probe of its own else, and leaves none behind, not even one of a run that was killed', async () => {
    await world.applied()
    killedProbe()
    const report = await world.apply()
    expect(report.verifications.argocd?.result).toBe('verified')
    expect(applications()).toEqual([])
  })

  test('leaves a young probe to the run that may wait for it, and uses its own', async () => {
    await world.applied()
    const name = killedProbe('young')
    const report = await world.apply()
    expect(report.verifications.argocd?.result).toBe('verified')
    expect(applications().map(({ metadata }) => metadata.name)).toEqual([name])
    expect(notes(report)).toContain(`argocd/${name} is a probe`)
    // What is proved needs no other probe while that one is there.
    world.twin.journal.clear()
    await world.apply()
    expect(world.writes()).toEqual([])
  })

  test('a sweep that is refused is a note, and the proof is what it is', async () => {
    await world.applied()
    killedProbe()
    const body = { kind: 'Status', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 }
    const forge = () => ({ status: 403, body })
    world.twin.journal.forge({ service: 'kubernetes', method: 'DELETE', path: '/applications/', forge })
    const report = await world.apply()
    expect(report.verifications.argocd?.result).toBe('verified')
    expect(report.verdict.summary).toMatch(/, verified\.$/)
    expect(notesOn(report, 'argocd')).toEqual([
      expect.stringMatching(/^The Application argocd\/patless-probe-\w+-aaaaaa, .* was left: /),
      expect.stringMatching(/^The Application argocd\/patless-probe-\w+-[0-9a-f]{6}, .* was left: /)
    ])
    expect(world.printed.join('\n')).toContain(
      'note verification/probe-left: The Application argocd/patless-probe-'
    )
  })

  test('of a run that was killed leaves a probe: check reports it, remove takes it away', async () => {
    await world.applied()
    const name = killedProbe()
    const told = await world.check({ verification: 'access' })
    expect(told.outputs.drift).toBe('false')
    expect(notesOn(told, 'connection')).toEqual([expect.stringContaining(`argocd/${name} is a probe`)])
    const report = await world.remove()
    expect(wordsOf(report).connection).toBe('removed')
    expect(applications()).toEqual([])
  })

  test('is verified, and says by whom, where a login was changed and the commit had been fetched with the one before', async () => {
    await world.apply()
    // Times in the cluster are whole seconds: the Application is to be compared after the pods began.
    await sleep(1_050)
    world.twin.defect('application-on-repository')
    const [secret] = world.twin.kubernetes.store
      .list(SECRETS, 'argocd')
      .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] === 'patless')
    if (!secret) throw new Error('there is no Secret')
    while (applications()[0]?.status === undefined) await sleep(20)
    const data = { ...(secret['data'] as object), useAzureWorkloadIdentity: btoa('false') }
    world.twin.kubernetes.store.update(SECRETS, secret, { ...secret, data })
    const report = await world.apply()
    expect(wordsOf(report).connection).toBe('updated')
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(report.verifications.argocd?.reason).toMatch(
      /^Argo CD itself refreshed argocd\/app at .* was fetched by this run as the same identity; Argo CD 3\.2\.0 has no known fault of fetching\)$/
    )
  })

  test('is made anew for other pods', async () => {
    await world.apply()
    world.twin.defect('label-removed')
    world.twin.journal.clear()
    const report = await world.apply()
    expect(report.verifications.argocd?.result).toBe('verified')
  })
})

describe('a first apply is not verified', () => {
  test('no right to create Applications is inconclusive, with the reason', async () => {
    await world.twin.bindDocumentedRole()
    const roles = world.twin.kubernetes.store.list(ROLES, 'argocd')
    for (const role of roles) {
      const rules = (role['rules'] as { resources: string[]; verbs: string[] }[]).map((rule) =>
        rule.resources.includes('applications') ? { ...rule, verbs: ['list', 'get'] } : rule
      )
      world.twin.kubernetes.store.update(ROLES, role, { ...role, rules })
    }
    const report = await world.apply({ 'argocd-namespace': 'argocd' })
    expect(report.outputs.verification).toBe('inconclusive')
    expect(report.outputs['verification-reason']).toMatch(/may not create, delete Applications in argocd/)
    expect(report.verdict.exitCode).toBe(1)
  })
})

describeBroken({ world, place: 'argocd' }, [['client-secret-from-secret', /take variables from/]])
