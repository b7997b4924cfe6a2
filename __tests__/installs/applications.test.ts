/** Applications, credential templates and spellings: what Argo CD's users see of the repository. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorldUnderTest, wordsOf, type WorldUnderTest } from '../../sandbox/in-process.ts'
import type { Report } from '../../src/report/report.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import { probeMetadata, probeSpec } from '../../src/argocd/probe.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const SECRETS = kindOf('', 'secrets') as Kind

let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest()
})
afterAll(() => world.twin.close())
beforeEach(() => {
  world.twin.reset()
})

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

describe('the Application', () => {
  const ASKED = { 'application-name': 'app', 'application-path': 'deploy', 'application-namespace': 'shop' }

  test('is created without automated sync, proves the chain itself, and is left alone afterwards', async () => {
    const first = await world.apply(ASKED)
    expect(first.verdict.summary).toBe('Changed, verified.')
    expect(wordsOf(first).application).toBe('created')
    const [made] = applications()
    expect(made?.spec).toMatchObject({
      project: 'default',
      source: { repoURL: world.twin.azure.ids.repositoryUrl, path: 'deploy', targetRevision: 'HEAD' },
      destination: { namespace: 'shop' }
    })
    expect(made?.spec).not.toHaveProperty('syncPolicy')
    expect(applications()).toHaveLength(1)
    world.twin.journal.clear()
    expect((await world.apply(ASKED)).verdict.summary).toBe('Unchanged, verified.')
    expect(world.writes()).toEqual([])
  })

  test('of Patless follows its inputs', async () => {
    await world.apply({ ...ASKED, verification: 'none' })
    const other = { ...ASKED, 'application-path': 'other', verification: 'none' }
    const drift = await world.check(other)
    expect(drift.resources.find(({ resource }) => resource === 'application')?.differences).toMatchObject([
      { field: 'spec.source.path', expected: 'other', actual: 'deploy' }
    ])
    expect(wordsOf(await world.apply(other)).application).toBe('updated')
    expect(applications()[0]?.spec).toMatchObject({ source: { path: 'other' } })
  })

  test('of somebody else is not changed: it blocks, with the reason and the way out', async () => {
    await world.apply({ ...ASKED, verification: 'none' })
    const [made] = applications()
    if (!made) throw new Error('there is no Application')
    const spec = { ...(made.spec as object), syncPolicy: { automated: { prune: true } }, project: 'team' }
    const theirs = world.twin.kubernetes.store.update(APPLICATIONS, made, { ...made, spec })
    expect(wordsOf(await world.apply({ ...ASKED, verification: 'none' })).application).toBe('unchanged')
    world.twin.journal.clear()
    const report = await world.apply({
      ...ASKED,
      'application-path': 'other',
      'application-namespace': 'elsewhere'
    })
    expect(report.findings).toMatchObject([
      {
        resource: 'application',
        summary:
          'The Application argocd/app is not as wanted, and not provably made by Patless: it syncs by itself, and prunes.',
        expected: 'other; elsewhere',
        actual: 'deploy; shop',
        remedy: expect.stringContaining('kubectl -n argocd edit application app') as unknown
      }
    ])
    expect(world.writes()).toEqual([])
    expect(applications()[0]?.spec).toEqual(theirs.spec)
  })

  test('of several sources is not touched', async () => {
    await world.apply({ ...ASKED, verification: 'none' })
    const [made] = applications()
    if (!made) throw new Error('there is no Application')
    const { source, ...spec } = made.spec as Record<string, unknown>
    world.twin.kubernetes.store.update(APPLICATIONS, made, {
      ...made,
      spec: { ...spec, sources: [source, source] }
    })
    const refused = await world.apply(ASKED)
    expect(refused.verdict.exitCode).toBe(1)
    expect(refused.findings.find(({ resource }) => resource === 'application')?.summary).toMatch(
      /several sources/
    )
  })

  test('is removed first, and what it deployed is left', async () => {
    await world.apply({ ...ASKED, verification: 'none' })
    const report = await world.run({ mode: 'remove', ...ASKED })
    expect(wordsOf(report)).toMatchObject({
      application: 'removed',
      connection: 'removed',
      identity: 'removed'
    })
    expect(applications()).toEqual([])
  })
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
    await world.apply({ verification: 'none' })
    killedProbe()
    const report = await world.apply()
    expect(report.verifications.argocd?.result).toBe('verified')
    expect(applications()).toEqual([])
  })

  test('leaves a young probe to the run that may wait for it, and uses its own', async () => {
    await world.apply({ verification: 'none' })
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
    await world.apply({ verification: 'none' })
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

  test('of a run that was killed leaves a probe: check tells it, remove takes it away', async () => {
    await world.apply({ verification: 'none' })
    const name = killedProbe()
    const told = await world.check({ verification: 'access' })
    expect(told.outputs.drift).toBe('false')
    expect(notesOn(told, 'connection')).toEqual([expect.stringContaining(`argocd/${name} is a probe`)])
    const report = await world.run({ mode: 'remove' })
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

describe('connection: template', () => {
  const TEMPLATE = { connection: 'template' }
  const templates = (): KubeObject[] =>
    world.twin.kubernetes.store
      .list(SECRETS, 'argocd')
      .filter(({ metadata }) => metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repo-creds')

  test('writes one per spelling, verified through Argo CD; then nothing to do', async () => {
    const first = await world.apply(TEMPLATE)
    expect(first.verdict.summary).toBe('Changed, verified.')
    expect(templates()).toHaveLength(2)
    world.twin.journal.clear()
    expect((await world.apply(TEMPLATE)).verdict.summary).toBe('Unchanged, verified.')
    expect(world.writes()).toEqual([])
  })

  test('is refused where a longer template or a Secret of the repository wins', async () => {
    world.twin.defect('template-project-pat')
    const report = await world.apply(TEMPLATE)
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.find(({ resource }) => resource === 'connection')?.summary).toMatch(/template/)
    expect(world.writes()).toEqual([])
  })

  test('is removed whole, but not while another repository is read through it', async () => {
    await world.apply({ ...TEMPLATE, verification: 'none' })
    const url = world.twin.azure.ids.repositoryUrl.replace(/app$/, 'infra')
    world.twin.kubernetes.store.create(APPLICATIONS, 'argocd', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'infra' },
      spec: { project: 'default', source: { repoURL: url, path: '.' }, destination: { namespace: 'infra' } }
    })
    const left = await world.run({ mode: 'remove' })
    expect(wordsOf(left)).toMatchObject({ connection: 'skipped', workload: 'skipped', identity: 'skipped' })
    expect(templates()).toHaveLength(2)
    world.twin.kubernetes.store.remove(APPLICATIONS, 'argocd', 'infra')
    const gone = await world.run({ mode: 'remove' })
    expect(wordsOf(gone)).toMatchObject({ connection: 'removed', identity: 'removed' })
    expect(templates()).toEqual([])
  })
})

describe('spellings', () => {
  test('Applications and ApplicationSets that Argo CD does not connect are listed', async () => {
    world.twin.defect('application-other-spelling')
    world.twin.defect('applicationset-other-spelling')
    const report = await world.apply({ verification: 'access' })
    expect(notes(report)).toMatch(/Application argocd\/\S+ names the repository as https:\/\/contoso@/)
    expect(notes(report)).toMatch(/ApplicationSet argocd\/\S+ names the repository as/)
  })

  test('a template that reaches further than an organization is told: it hands out the token', async () => {
    world.twin.defect('template-wide')
    expect(notes(await world.check())).toMatch(/reaches further than one organization/)
  })

  test('a Secret for the Applications of one project only is told', async () => {
    world.twin.defect('secret-project-scoped-other')
    expect(notes(await world.check())).toMatch(/Applications of project \S+ use the Secret/)
  })
})
