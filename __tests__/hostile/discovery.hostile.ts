/** A tenant who may create Deployments in a namespace of his own tries to be taken for Argo CD. */
import { describe, expect, test } from '@jest/globals'
import { isWrite } from '../../sandbox/in-process.ts'
import { runGitHubJob, type JobResult } from '../../sandbox/job.ts'
import { add } from '../../sandbox/kubernetes/new-cluster.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { useTwin } from '../twin.ts'

const TEAM = 'team-a'
const LABELS = { 'app.kubernetes.io/component': 'repo-server', 'app.kubernetes.io/part-of': 'argocd' }
const RUNS = { image: 'quay.io/argoproj/argocd:v3.2.0', args: ['/usr/local/bin/argocd-repo-server'] }
const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind

const twin = useTwin()

interface Pretender {
  readonly namespace?: string
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly container?: { readonly image: string; readonly args?: string[]; readonly command?: string[] }
  readonly replicas?: number
  /** What he puts beside it. */
  readonly beside?: readonly ('service' | 'controller' | 'configuration')[]
}

function pretend({
  namespace = TEAM,
  name = 'argocd-repo-server',
  labels = LABELS,
  container = { image: 'registry.example/team/tool:v3.2.0' },
  replicas = 1,
  beside = []
}: Pretender): void {
  const { store } = twin.kubernetes
  const pods = { app: name }
  add(store, '', 'namespaces', undefined, { name: namespace })
  add(store, '', 'serviceaccounts', namespace, { name })
  add(
    store,
    'apps',
    'deployments',
    namespace,
    { name, labels: { ...labels } },
    {
      spec: {
        replicas,
        selector: { matchLabels: pods },
        template: {
          metadata: { labels: pods },
          spec: { serviceAccountName: name, containers: [{ name: 'main', ...container }] }
        }
      }
    }
  )
  if (beside.includes('service'))
    add(store, '', 'services', namespace, { name }, { spec: { selector: pods, ports: [{ port: 8081 }] } })
  if (beside.includes('controller'))
    add(
      store,
      'apps',
      'statefulsets',
      namespace,
      { name: 'argocd-application-controller' },
      {
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: 'controller' } },
          template: { metadata: { labels: { app: 'controller' } }, spec: { containers: [] } }
        }
      }
    )
  if (beside.includes('configuration'))
    add(store, '', 'configmaps', namespace, { name: 'argocd-cm' }, { data: {} })
}

const apply = (inputs: Readonly<Record<string, string>> = {}): Promise<JobResult> =>
  runGitHubJob({ environment: twin.environment, inputs: { verification: 'access', ...inputs } })

const writes = (): string[] =>
  twin.journal.entries.filter(isWrite).map(({ method, path }) => `${method} ${path}`)

/** No word of the tenant's account in what is trusted, and nothing written at all. */
function expectNothingGiven({ exitCode, stdout, outputs }: JobResult): void {
  expect(exitCode).toBe(1)
  expect(outputs['verification']).not.toBe('verified')
  expect(stdout).toContain(`${TEAM}/`)
  expect(writes()).toEqual([])
  expect(JSON.stringify(twin.state())).not.toContain(`system:serviceaccount:${TEAM}`)
}

describe('beside an Argo CD', () => {
  test.each<[string, string | undefined, Pretender]>([
    ['the two labels, where the real one has none', 'unlabelled-install', {}],
    ['the two labels, where the real one has them', undefined, {}],
    ['the program, no labels', undefined, { name: 'tool', labels: {}, container: RUNS }],
    [
      'the program in the line of a shell',
      'unlabelled-install',
      {
        name: 'tool',
        labels: {},
        container: { image: 'busybox', command: ['sh', '-c', 'exec argocd-repo-server --port 8081'] }
      }
    ],
    [
      'a whole installation of his own',
      'unlabelled-install',
      { container: RUNS, beside: ['service', 'controller', 'configuration'] }
    ],
    [
      'only names, but the rest of an installation',
      undefined,
      { labels: {}, beside: ['service', 'controller', 'configuration'] }
    ],
    ['labels, and no replicas', 'unlabelled-install', { replicas: 0 }],
    ['labels, beside an operator', 'operator-install', {}],
    ['labels, beside a core install', 'core-install', {}]
  ])('%s', async (_what, shape, pretender) => {
    if (shape !== undefined) twin.defect(shape)
    pretend(pretender)
    const job = await apply()
    expectNothingGiven(job)
    // Both are listed, each with what speaks for it.
    expect(job.stdout).toMatch(/argocd\/argocd-repo-server \(/)
  })

  test('argocd-namespace chooses the real one', async () => {
    twin.defect('unlabelled-install')
    pretend({})
    const { exitCode, outputs } = await apply({ 'argocd-namespace': 'argocd' })
    expect(exitCode).toBe(0)
    expect(outputs['subject']).toBe('system:serviceaccount:argocd:argocd-repo-server')
    expect(JSON.stringify(twin.state())).not.toContain(`system:serviceaccount:${TEAM}`)
  })

  test('a chain that is in order is not led astray later', async () => {
    twin.defect('unlabelled-install')
    expect((await apply()).exitCode).toBe(0)
    pretend({ container: RUNS, beside: ['service', 'controller', 'configuration'] })
    twin.journal.clear()
    expectNothingGiven(await apply())
  })

  test('a name that only ends alike disturbs nobody', async () => {
    pretend({ name: 'git-repo-server', labels: {} })
    const { exitCode, outputs } = await apply()
    expect(exitCode).toBe(0)
    expect(outputs['subject']).toBe('system:serviceaccount:argocd:argocd-repo-server')
  })

  test('an old Deployment without replicas in the same namespace gives way to the one that serves', async () => {
    pretend({ namespace: 'argocd', name: 'old-repo-server', container: RUNS, replicas: 0 })
    const { exitCode, outputs } = await apply()
    expect(exitCode).toBe(0)
    expect(outputs['subject']).toBe('system:serviceaccount:argocd:argocd-repo-server')
  })
})

describe('alone in the cluster', () => {
  test.each<[string, Pretender, RegExp]>([
    ['the two labels', {}, /a Service for its pods, an application controller, the ConfigMap argocd-cm/],
    ['the program', { container: RUNS }, /an application controller/],
    ['a Service too', { container: RUNS, beside: ['service'] }, /an application controller/],
    ['all but a controller', { beside: ['service', 'configuration'] }, /an application controller/],
    ['all but the configuration', { beside: ['service', 'controller'] }, /the ConfigMap argocd-cm/],
    ['all but the Service', { beside: ['controller', 'configuration'] }, /a Service for its pods/]
  ])('%s: what is missing is named', async (_what, pretender, missing) => {
    twin.defect('argocd-absent')
    pretend(pretender)
    const job = await apply()
    expectNothingGiven(job)
    expect(job.stdout).toMatch(missing)
    expect(job.stdout).toContain('argocd-namespace')
  })

  test('named by the user it is held against the same evidence', async () => {
    twin.defect('argocd-absent')
    pretend({ container: RUNS })
    expectNothingGiven(await apply({ 'argocd-namespace': TEAM }))
  })

  test('evidence that the login may not read is not taken for granted', async () => {
    await twin.bindDocumentedRole()
    const { store } = twin.kubernetes
    const rbac = (resource: string): Kind => kindOf('rbac.authorization.k8s.io', resource) as Kind
    const rules = [
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] },
      { apiGroups: [''], resources: ['serviceaccounts', 'serviceaccounts/token', 'secrets'], verbs: ['*'] }
    ]
    const metadata = { name: 'discovery' }
    store.create(rbac('clusterroles'), undefined, { apiVersion: '', kind: 'ClusterRole', metadata, rules })
    store.create(rbac('clusterrolebindings'), undefined, {
      apiVersion: '',
      kind: 'ClusterRoleBinding',
      metadata,
      subjects: [{ kind: 'Group', name: 'patless' }],
      roleRef: { kind: 'ClusterRole', name: 'discovery' }
    })
    for (const { metadata: one } of store.list(DEPLOYMENTS, 'argocd'))
      store.remove(DEPLOYMENTS, 'argocd', one.name)
    pretend({ container: RUNS, beside: ['service', 'controller', 'configuration'] })
    const job = await apply()
    expectNothingGiven(job)
    expect(job.stdout).toMatch(/may not read what else is in its namespace/)
  })
})

test('two that serve in the namespace that was named are an error, too', async () => {
  pretend({ namespace: 'argocd', name: 'second-repo-server', container: RUNS })
  const job = await apply({ 'argocd-namespace': 'argocd' })
  expect(job.exitCode).toBe(1)
  expect(job.stdout).toMatch(/argocd\/argocd-repo-server \(.*argocd\/second-repo-server \(/)
  expect(writes()).toEqual([])
})
