/** The connection: the Secrets by which Argo CD knows that it reads a repository with its identity. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { wordsOf } from '../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import { normalized, secretName } from '../../src/argocd/urls.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'
import { describeBlocks, describeBroken, describeDrift } from './cases.ts'
import { ALL_LEFT, ALL_REMOVED, summaryOf } from './words.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const SECRETS = kindOf('', 'secrets') as Kind

const world = useWorld()
const connection = { world, resource: 'connection' } as const
const notesOf = ({ findings }: Report): Report['findings'] =>
  findings.filter(({ severity }) => severity === 'note')
const notes = (report: Report): string =>
  notesOf(report)
    .map(({ summary }) => summary)
    .join('\n')

describeDrift(connection, [['secret-flag-missing', /useAzureWorkloadIdentity/]])
describeBlocks(connection, [['secret-password', /holds credentials \(password\)/, /remove these keys/]])
describeBroken({ world, place: 'connection' }, [
  ['secret-username-template', /useAzureWorkloadIdentity is missing/]
])

test('two Secrets that say the same are a warning: whichever Argo CD uses, it reads', async () => {
  await world.applied()
  world.twin.defect('secret-duplicate')
  const report = await world.apply()
  expect(report.verdict.summary).toBe('Unchanged, verified.')
  expect(report.findings).toMatchObject([{ id: 'connection/duplicate', severity: 'warning' }])
})

describe('what apply itself will write counts', () => {
  test.each(['template-pat-org', 'template-project-pat'])(
    '%s: the Secret of the repository wins, so apply writes it and the template stays',
    async (template) => {
      world.twin.defect(template)
      const planned = await world.check({ verification: 'none' })
      expect(planned.resources.find(({ resource }) => resource === 'connection')?.differences).toMatchObject([
        { field: 'repository Secret' }
      ])
      const report = await world.apply()
      expect(report.verdict.summary).toBe('Changed, verified.')
      const left = world.twin.kubernetes.store.list(SECRETS, 'argocd').filter(({ data }) => {
        const { password } = (data ?? {}) as Record<string, string>
        return password !== undefined
      })
      expect(left).toHaveLength(1)
      expect((await world.check()).verdict.exitCode).toBe(0)
    }
  )

  test('a Secret with a PAT for the project of an Application is reported', async () => {
    world.twin.defect('secret-project-scoped-other')
    world.twin.defect('template-pat-org')
    const report = await world.apply({ 'argocd-project': '*', verification: 'access' })
    expect(report.findings.filter(({ id }) => id === 'connection/other-project')).toHaveLength(1)
  })
})

test('a user name beside the flag beats nothing, by Argo CD code: it stays, and Argo CD reads', async () => {
  await world.applied()
  world.twin.defect('secret-username')
  expect((await world.apply()).verdict.summary).toBe('Unchanged, verified.')
})

test('a Secret of our name that Argo CD does not read is reported, not overwritten', async () => {
  await world.applied()
  world.twin.defect('secret-label-wrong')
  const report = await world.apply()
  expect(report.findings.find(({ resource }) => resource === 'connection')?.summary).toMatch(
    /without the label/
  )
})

test('connects Argo CD only after the access was proved', async () => {
  await world.apply({ verification: 'access' })
  const { entries } = world.twin.journal
  const connected = entries.findIndex(({ method, path }) => method === 'POST' && path.includes('/secrets'))
  const read = entries.findLastIndex(({ service }) => service === 'git')
  expect(connected).toBeGreaterThan(read)
})

describe('the repository Secret', () => {
  test.each([
    ['https://github.com/argoproj/argo-cd', 'repo-42374749'],
    ['https://dev.azure.com/contoso/proj/_git/app', 'repo-8236907'],
    ['https://contoso@dev.azure.com/contoso/proj/_git/app', 'repo-1189796780']
  ])('%s is named as argocd repo add would', (url, name) => {
    expect(secretName('repo', url)).toBe(name)
  })

  test('URLs are one when Argo CD takes them for one', () => {
    const url = 'https://dev.azure.com/contoso/shop/_git/app'
    expect(normalized('HTTPS://dev.azure.com/Contoso/Shop/_git/App')).toBe(normalized(url))
    expect(normalized(`${url}.git`)).toBe(normalized(url))
    expect(normalized(`${url}/`)).not.toBe(normalized(url))
    expect(normalized('https://contoso@dev.azure.com/contoso/shop/_git/app')).not.toBe(normalized(url))
  })

  test('normalizing is stable', () => {
    fc.assert(fc.property(fc.webUrl(), (url) => normalized(normalized(url)) === normalized(url)))
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

  test.each([
    ['longer template', 'repo-creds', '/_git/app'],
    ['Secret of the repository', 'repository', '']
  ])('is refused where a %s wins', async (_what, type, cut) => {
    const url = world.twin.azure.ids.repositoryUrl
    world.twin.kubernetes.store.create(SECRETS, 'argocd', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pat', labels: { 'argocd.argoproj.io/secret-type': type } },
      stringData: { url: cut === '' ? url : url.replace(cut, '/_git/'), password: 'x' }
    })
    const report = await world.apply(TEMPLATE)
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.find(({ resource }) => resource === 'connection')?.summary).toMatch(
      /Secret pat|template pat/
    )
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
    const left = await world.remove()
    expect(wordsOf(left)).toMatchObject({ connection: 'skipped', workload: 'skipped', identity: 'skipped' })
    expect(templates()).toHaveLength(2)
    world.twin.kubernetes.store.remove(APPLICATIONS, 'argocd', 'infra')
    const gone = await world.remove()
    expect(wordsOf(gone)).toMatchObject({ connection: 'removed', identity: 'removed' })
    expect(templates()).toEqual([])
  })
})

describe('spellings', () => {
  test('Applications and ApplicationSets that Argo CD does not connect are listed', async () => {
    world.twin.defect('application-other-spelling')
    world.twin.defect('applicationset-other-spelling')
    const report = await world.apply({ verification: 'access' })
    const found = report.findings.filter(({ id }) => id === 'connection/url-spelled-otherwise')
    expect(found).toMatchObject([{ severity: 'warning' }, { severity: 'warning' }, { severity: 'warning' }])
    const texts = found.map(({ summary }) => summary).join('\n')
    expect(texts).toMatch(
      /Application argocd\/\S+ names the repository as https:\/\/contoso@\S+ .*it cannot read/
    )
    expect(texts).toMatch(/ApplicationSet argocd\/\S+ names the repository as/)
    expect(report.outputs.findings).toContain('connection/url-spelled-otherwise')
  })

  test('a template that covers more than one organization is reported: Argo CD hands out the token', async () => {
    world.twin.defect('template-wide')
    const { findings } = await world.check()
    const found = findings.find(({ id }) => id === 'connection/template-too-wide')
    expect(found?.severity).toBe('warning')
    expect(found?.summary).toMatch(/covers more than one organization/)
  })

  test('a Secret for the Applications of one project only is reported', async () => {
    world.twin.defect('secret-project-scoped-other')
    expect(notes(await world.check())).toMatch(/Applications of project \S+ use the Secret/)
  })
})

describe('remove leaves, and says why,', () => {
  test('a Secret that somebody else made', async () => {
    await world.applied()
    const secret = world.twin.kubernetes.store
      .list(SECRETS, 'argocd')
      .find(({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] === 'patless')
    if (!secret) throw new Error('there is no Secret')
    const labels = { 'argocd.argoproj.io/secret-type': 'repository' }
    world.twin.kubernetes.store.update(SECRETS, secret, {
      ...secret,
      metadata: { ...secret.metadata, labels }
    })
    const report = await world.remove()
    expect(wordsOf(report)).toMatchObject({ connection: 'skipped' })
    expect(summaryOf(report, 'connection')).toContain(
      'not provably made by Patless: it has no label app.kubernetes.io/managed-by: patless'
    )
    // Their Secret still logs in by the identity.
    expect(wordsOf(report)).toMatchObject({ workload: 'skipped', identity: 'skipped', permission: 'skipped' })
    expect(summaryOf(report, 'identity')).toContain(
      'the connection needs it and is kept (Secret argocd/repo-'
    )
  })

  test('a second Secret for the repository that somebody else made', async () => {
    await world.applied()
    const { repositoryUrl } = world.twin.azure.ids
    world.twin.kubernetes.store.create(SECRETS, 'argocd', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'theirs', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
      data: {
        url: Buffer.from(repositoryUrl).toString('base64'),
        useAzureWorkloadIdentity: Buffer.from('true').toString('base64')
      }
    })
    const report = await world.remove()
    expect(wordsOf(report)).toEqual({ ...ALL_LEFT, connection: 'removed' })
    expect(summaryOf(report, 'connection')).toMatch(
      /^removed; kept: Secret argocd\/theirs: not provably made/
    )
    expect(world.twin.kubernetes.store.get(SECRETS, 'argocd', 'theirs')['data']).toHaveProperty('url')
    const again = await world.remove()
    expect(wordsOf(again)).toEqual(ALL_LEFT)
    expect(summaryOf(again, 'connection')).toMatch(
      /^kept: Secret argocd\/theirs: not provably made by Patless/
    )
    expect(summaryOf(again, 'workload')).toContain('the connection needs it and is kept')
  })

  test('a Secret with a password, but nothing that it does not use', async () => {
    const untouched = world.twin.kubernetes.store.list(SECRETS, 'argocd').length
    await world.applied()
    world.twin.defect('secret-password')
    const report = await world.remove()
    expect(wordsOf(report)).toEqual({ ...ALL_REMOVED, connection: 'skipped' })
    expect(summaryOf(report, 'connection')).toContain('it holds credentials (password, username)')
    expect(world.twin.kubernetes.store.list(SECRETS, 'argocd')).toHaveLength(untouched + 1)
  })
})
