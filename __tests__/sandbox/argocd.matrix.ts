/** The twin's Argo CD as it is documented: what it reads, with whose credentials, and what it says when it cannot. */
import { describe, expect, test } from '@jest/globals'
import { execFile, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import { useWorld } from '../world.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const REFRESH = 'argocd.argoproj.io/refresh'
const run = promisify(execFile)

interface Application extends KubeObject {
  status?: {
    sync?: { status: string; revision?: string; comparedTo?: unknown }
    conditions?: { type: string; message: string }[]
    reconciledAt?: string
    controllerNamespace?: string
  }
}

const world = useWorld()

const store = () => world.twin.kubernetes.store
const application = (name = 'app', namespace = 'argocd'): Application =>
  store().get(APPLICATIONS, namespace, name) as Application
/** Whole, as a first apply leaves it, in the install that a defect names. */
async function connected(shape?: string): Promise<void> {
  if (shape !== undefined) world.twin.defect(shape)
  const { outputs } = await world.apply({ verification: 'none' })
  expect(outputs.changed).toBe('true')
}
function create(spec: Readonly<Record<string, unknown>> = {}, name = 'app', namespace = 'argocd'): void {
  store().create(APPLICATIONS, namespace, {
    apiVersion: '',
    kind: 'Application',
    metadata: { name },
    spec: {
      project: 'default',
      source: { repoURL: world.twin.azure.ids.repositoryUrl, path: 'deploy', targetRevision: 'HEAD' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
      ...spec
    }
  })
}
/** Asks for a refresh and waits until Argo CD has done it. */
async function refreshed(
  how: 'normal' | 'hard' = 'hard',
  name = 'app',
  patience?: number
): Promise<Application> {
  const before = application(name)
  const annotations = { ...before.metadata.annotations, [REFRESH]: how }
  store().update(APPLICATIONS, before, { ...before, metadata: { ...before.metadata, annotations } })
  return settled(name, patience)
}
async function settled(name = 'app', patience = 25_000): Promise<Application> {
  for (const until = Date.now() + patience; Date.now() < until;) {
    const found = application(name)
    if (found.status && found.metadata.annotations?.[REFRESH] === undefined) return found
    await sleep(10)
  }
  throw new Error('Argo CD did not finish the refresh')
}
/** Until the pods are those of the template. */
async function rolledOut(): Promise<void> {
  const deployments = kindOf('apps', 'deployments') as Kind
  for (const until = Date.now() + 25_000; Date.now() < until;) {
    await sleep(5)
    const { metadata, spec, status } = store().get(
      deployments,
      'argocd',
      'argocd-repo-server'
    ) as KubeObject & {
      spec: { replicas: number }
      status: { observedGeneration: number; replicas: number; readyReplicas: number; updatedReplicas: number }
    }
    const { observedGeneration, replicas, readyReplicas, updatedReplicas } = status
    const all = [replicas, readyReplicas, updatedReplicas].every((count) => count === spec.replicas)
    if (observedGeneration === metadata.generation && all) return
  }
}
async function eventually(check: () => void): Promise<void> {
  for (const until = Date.now() + 25_000; ;) {
    try {
      check()
      return
    } catch (error) {
      if (Date.now() > until) throw error
    }
    await sleep(5)
  }
}
const envOf = (pod: KubeObject): string =>
  JSON.stringify((pod.spec as { containers: { env?: unknown }[] }).containers[0]?.env ?? [])
const messageOf = ({ status }: Application): string | undefined => status?.conditions?.[0]?.message
const requests = (): string[] =>
  world.twin.journal.entries
    .filter(({ by }) => by === 'argocd')
    .map(({ service, method, path }) => `${service} ${method} ${path}`)

describe('a chain in order', () => {
  test('is read with the identity of the pod: token, refs, a real fetch; then nothing is said against it', async () => {
    await connected()
    create()
    const { status } = await settled()
    expect(status).toMatchObject({
      controllerNamespace: 'argocd',
      sync: {
        status: 'OutOfSync',
        revision: expect.stringMatching(/^[0-9a-f]{40}$/),
        comparedTo: { source: { path: 'deploy' } }
      },
      reconciledAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    })
    expect(status?.conditions).toBeUndefined()
    expect(requests()).toEqual([
      expect.stringMatching(/^entra POST .*\/oauth2\/v2\.0\/token$/),
      expect.stringMatching(/^git GET .*info\/refs/),
      expect.stringMatching(/^git GET .*info\/refs/),
      expect.stringMatching(/^git POST .*git-upload-pack$/)
    ])
  })

  test('a probe that includes no file is Synced, and goes without a trace', async () => {
    await connected()
    const repoURL = world.twin.azure.ids.repositoryUrl
    create({ source: { repoURL, path: '.', directory: { include: 'no-such-file-*.yaml' } } })
    expect((await settled()).status?.sync?.status).toBe('Synced')
    store().remove(APPLICATIONS, 'argocd', 'app')
    world.twin.journal.clear()
    await world.twin.kubernetes.poll()
    expect(requests()).toEqual([])
  })

  test('the token is kept; a hard refresh fetches only what the clone of the pod does not hold', async () => {
    await connected()
    create()
    await settled()
    world.twin.journal.clear()
    expect(messageOf(await refreshed('hard'))).toBeUndefined()
    expect(requests()).toEqual([expect.stringMatching(/^git GET .*info\/refs/)])
  })

  test('a new pod asks for a token and fetches anew, but not for manifests that are at hand', async () => {
    await connected()
    create()
    await settled()
    world.twin.defect('label-removed')
    await world.apply({ verification: 'none' })
    world.twin.journal.clear()
    await refreshed('normal')
    expect(requests().filter((one) => one.includes('git-upload-pack') && one.includes('POST'))).toEqual([])
    await refreshed('hard')
    expect(requests().filter((one) => one.includes('POST'))).toHaveLength(2)
  })

  test.each(['ha-install', 'core-install', 'helm-install', 'version-by-digest', 'argocd-3-2-0-rc1'])(
    '%s: the same',
    async (shape) => {
      await connected(shape)
      create()
      expect(messageOf(await settled())).toBeUndefined()
    }
  )
})

describe('what Argo CD says when it cannot read', () => {
  const CASES: readonly (readonly [defect: string, text: RegExp])[] = [
    [
      'credential-subject',
      /WorkloadIdentityCredential authentication failed[^]*RESPONSE 401[^]*AADSTS700213/
    ],
    ['credential-issuer-slash', /AADSTS700211/],
    [
      'pod-stale',
      /Attempted credentials:\n\tEnvironmentCredential: missing environment variable AZURE_TENANT_ID\n\tWorkloadIdentityCredential: no client ID specified/
    ],
    ['pod-older-than-annotation', /AADSTS700016/],
    ['sa-annotation-object-id', /AADSTS700016/],
    ['skip-containers', /no client ID specified/],
    ['label-boolean-typo', /no client ID specified/],
    ['identity-binding', /AADSTS700212[^]*AKSIdentityBinding/],
    ['env-set-by-hand', /AADSTS700016/],
    ['env-from-secret', /AADSTS700016/],
    [
      'client-secret-on-pod',
      /EnvironmentCredential: ClientSecretCredential authentication failed[^]*AADSTS7000215/
    ],
    ['client-secret-from-secret', /AADSTS7000215/],
    ['not-a-member', /failed to list refs: authentication required: TF401444/],
    ['not-a-reader', /failed to list refs: repository not found: TF401019/],
    ['repository-empty', /remote repository is empty/],
    ['git-redirect', /unexpected requesting ".*info\/refs\?service=git-upload-pack" status code: 302/],
    ['git-signin-page', /invalid pkt-len found/],
    ['egress-entra-blocked', /rpc error: code = DeadlineExceeded desc = context deadline exceeded$/],
    ['egress-devops-blocked', /dial tcp .*: i\/o timeout$/],
    ['secret-deleted', /authentication required: TF400813/],
    ['secret-in-other-namespace', /authentication required: TF400813/],
    ['secret-label-wrong', /authentication required: TF400813/],
    ['secret-username-template', /authentication required: TF400813/],
    ['secret-password', /authentication required: TF400813/],
    ['secret-duplicate-pat', /authentication required: TF400813/],
    ['secret-flag-yes', /failed to get repo ".*": .*strconv\.ParseBool: parsing "yes": invalid syntax$/]
  ]

  test.each(CASES)('%s', async (defect, text) => {
    await connected()
    world.twin.defect(defect)
    await rolledOut()
    create()
    const { status } = await settled()
    expect(status?.sync?.status).toBe('Unknown')
    expect(status?.reconciledAt).toBeDefined()
    expect(status?.conditions).toMatchObject([{ type: 'ComparisonError' }])
    expect(status?.conditions?.[0]?.message).toMatch(/^Failed to load target state: failed to g/)
    expect(status?.conditions?.[0]?.message).toMatch(text)
  })

  test.each([
    ['argocd-2-14', /authentication required: TF400813/],
    [
      'argocd-3-1-0',
      /code = Internal desc = Failed to fetch default: `git fetch origin --tags --force --prune` failed exit status 128: [^]*fatal: Authentication failed for/
    ],
    ['argocd-3-0-12', /fatal: Authentication failed for/]
  ])('%s: too old', async (shape, text) => {
    await connected()
    const secrets = store().list(kindOf('', 'secrets') as Kind, 'argocd')
    const account = store().get(kindOf('', 'serviceaccounts') as Kind, 'argocd', 'argocd-repo-server')
    world.twin.defect(shape)
    revive(secrets, account)
    await rolledOut()
    create()
    expect(messageOf(await settled())).toMatch(text)
  })

  test('a branch and a path that are not there', async () => {
    await connected()
    const repoURL = world.twin.azure.ids.repositoryUrl
    create({ source: { repoURL, path: 'deploy', targetRevision: 'nowhere' } })
    create({ source: { repoURL, path: 'nowhere', targetRevision: 'main' } }, 'other')
    expect(messageOf(await settled())).toMatch(/unable to resolve 'nowhere' to a commit SHA/)
    expect(messageOf(await settled('other'))).toMatch(/nowhere: app path does not exist$/)
  })

  test('one of two pods without the identity: it flaps', async () => {
    await connected('ha-install')
    create()
    await settled()
    world.twin.defect('one-replica-stale')
    await eventually(() => {
      const pods = store().list(kindOf('', 'pods') as Kind, 'argocd')
      const servers = pods.filter(({ metadata }) => metadata.name.startsWith('argocd-repo-server'))
      expect(servers.map((pod) => envOf(pod).includes('AZURE_CLIENT_ID')).sort()).toEqual([false, true])
    })
    const said = [await refreshed(), await refreshed(), await refreshed(), await refreshed()].map(messageOf)
    expect(said.filter((one) => one === undefined)).toHaveLength(2)
  })
})

/** Secret, annotation and label as they were, in another Argo CD. */
function revive(secrets: readonly KubeObject[], account: KubeObject): void {
  for (const secret of secrets.filter(({ metadata }) => metadata.labels?.['argocd.argoproj.io/secret-type']))
    store().create(kindOf('', 'secrets') as Kind, 'argocd', secret)
  const accounts = kindOf('', 'serviceaccounts') as Kind
  const fresh = store().get(accounts, 'argocd', account.metadata.name)
  const annotations = account.metadata.annotations ?? {}
  store().update(accounts, fresh, { ...fresh, metadata: { ...fresh.metadata, annotations } })
  const deployments = kindOf('apps', 'deployments') as Kind
  const before = store().get(deployments, 'argocd', 'argocd-repo-server')
  const after = structuredClone(before) as KubeObject & {
    spec: { template: { metadata: { labels: Record<string, string> } } }
  }
  after.spec.template.metadata.labels['azure.workload.identity/use'] = 'true'
  store().update(deployments, before, after)
}

describe('careless humans', () => {
  test('an Application that spells the URL otherwise goes without the credentials of the Secret', async () => {
    await connected()
    world.twin.defect('application-on-repository')
    world.twin.defect('application-other-spelling')
    world.twin.defect('applicationset-other-spelling')
    expect(messageOf(await settled('app'))).toBeUndefined()
    expect(messageOf(await settled('app-with-slash'))).toMatch(/TF400813/)
    expect(messageOf(await settled('app-with-user'))).toMatch(/TF400813/)
  })

  test('a template reaches a repository without a Secret; a longer one with a PAT takes it away', async () => {
    await connected()
    world.twin.defect('secret-deleted')
    world.twin.defect('template-wide')
    create()
    expect(messageOf(await settled())).toBeUndefined()
    world.twin.defect('template-pat-org')
    expect(messageOf(await refreshed())).toMatch(/TF400813/)
  })

  test('a template with a PAT does nothing to a Secret with credentials of its own', async () => {
    await connected()
    for (const defect of ['template-project-pat', 'secret-project-scoped-other']) world.twin.defect(defect)
    create()
    expect(messageOf(await settled())).toBeUndefined()
  })

  test('a token lifetime that the webhook refuses: no new pod', async () => {
    await connected()
    world.twin.defect('token-expiration-out-of-range')
    await eventually(() => {
      const deployment = store().get(kindOf('apps', 'deployments') as Kind, 'argocd', 'argocd-repo-server')
      expect(JSON.stringify(deployment.status)).toMatch(/ReplicaFailure.*3600 and 86400/)
    })
  })
})

describe('project and destination come first: the repository is not even asked', () => {
  test.each([
    ['project-denies-source', /^application repo https:.*\/_git\/app is not permitted in project 'default'$/],
    [
      'project-denies-destination',
      /^application destination server 'https:\/\/kubernetes.default.svc' and namespace 'default' do not match any of the allowed destinations in project 'default'$/
    ],
    ['in-cluster-disabled', /cluster "https:\/\/kubernetes.default.svc" is disabled$/]
  ])('%s', async (defect, text) => {
    await connected()
    world.twin.defect(defect)
    world.twin.journal.clear()
    create()
    const { status } = await settled()
    expect(status?.conditions).toMatchObject([{ type: 'InvalidSpecError' }])
    expect(status?.conditions?.[0]?.message).toMatch(text)
    expect(status?.reconciledAt).toBeUndefined()
    expect(status?.sync?.status).toBe('Unknown')
    expect(requests()).toEqual([])
  })

  test('a project that is not there', async () => {
    create({ project: 'team-a' })
    expect(messageOf(await settled())).toBe('Application referencing project team-a which does not exist')
  })

  test('a project-scoped Secret permits its URL', async () => {
    world.twin.defect('project-denies-source')
    store().create(kindOf('', 'secrets') as Kind, 'argocd', {
      apiVersion: '',
      kind: 'Secret',
      metadata: { name: 'scoped', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
      stringData: { url: world.twin.azure.ids.repositoryUrl, project: 'default' }
    })
    create()
    expect((await settled()).status?.conditions).toMatchObject([{ type: 'ComparisonError' }])
  })
})

describe('when it looks', () => {
  test('a poll keeps quiet about a broken repository; a refresh does not', async () => {
    await connected()
    create()
    const good = await settled()
    world.twin.defect('not-a-reader')
    await world.twin.kubernetes.poll()
    expect(application().status).toEqual(good.status)
    expect((await refreshed()).status?.sync?.status).toBe('Unknown')
  })

  test('a controller that is down leaves the annotation where it is', async () => {
    await connected()
    create()
    await settled()
    world.twin.defect('argocd-controller-down')
    await expect(refreshed('hard', 'app', 200)).rejects.toThrow('did not finish')
    expect(application().metadata.annotations).toMatchObject({ [REFRESH]: 'hard' })
  })

  test("an Application of another namespace is nobody's", async () => {
    create({}, 'app', 'default')
    await sleep(50)
    expect(application('app', 'default').status).toBeUndefined()
  })

  test('a finalizer holds an Application until the controller took it away', async () => {
    const repoURL = world.twin.azure.ids.repositoryUrl
    for (const defect of ['', 'argocd-controller-down']) {
      if (defect !== '') world.twin.defect(defect)
      store().create(APPLICATIONS, 'argocd', {
        apiVersion: '',
        kind: 'Application',
        metadata: { name: 'cascading', finalizers: ['resources-finalizer.argocd.argoproj.io'] },
        spec: { project: 'default', source: { repoURL, path: '.' } }
      })
      store().retire(APPLICATIONS, 'argocd', 'cascading')
      const left = () => store().find(APPLICATIONS, 'argocd', 'cascading')
      if (defect === '')
        await eventually(() => {
          expect(left()).toBeUndefined()
        })
      else await sleep(40)
      expect(left()?.metadata.deletionTimestamp === undefined).toBe(defect === '')
    }
  })

  test('a new source is compared at once', async () => {
    await connected()
    create()
    await settled()
    const before = application()
    const spec = before.spec as { source: object }
    store().update(APPLICATIONS, before, {
      ...before,
      spec: { ...spec, source: { ...spec.source, path: 'x' } }
    })
    await eventually(() => {
      expect(messageOf(application()) ?? '').toMatch(/x: app path does not exist/)
    })
  })
})

describe('an Argo CD that manages itself', () => {
  test.each([
    ['self-managed-install', 'keeps', { use: 'true', client: true }],
    ['self-managed-replace', 'reverts', { use: undefined, client: false }]
  ])('%s: a refresh %s what others set', async (shape, _, kept) => {
    await connected(shape)
    await refreshed('normal', 'argocd')
    const deployment = store().get(kindOf('apps', 'deployments') as Kind, 'argocd', 'argocd-repo-server')
    const { template } = deployment.spec as { template: { metadata: { labels: Record<string, string> } } }
    expect(template.metadata.labels['azure.workload.identity/use']).toBe(kept.use)
    const account = store().get(kindOf('', 'serviceaccounts') as Kind, 'argocd', 'argocd-repo-server')
    expect('azure.workload.identity/client-id' in (account.metadata.annotations ?? {})).toBe(kept.client)
    expect(application('argocd').status?.sync?.status).toBe('Synced')
  })
})

const withKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).error
  ? describe.skip
  : describe
withKubectl('kubectl judges', () => {
  const kubectl = async (...args: string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: world.twin.temporary, ...world.twin.environment }
    return (await run('kubectl', args, { env })).stdout
  }

  test('get, annotate and delete an Application', async () => {
    await connected()
    create()
    await settled()
    expect(await kubectl('get', 'app', '-n', 'argocd', '-o', 'name')).toBe('application.argoproj.io/app\n')
    await kubectl('annotate', 'application', 'app', '-n', 'argocd', `${REFRESH}=hard`)
    expect((await settled()).status?.sync?.status).toBe('OutOfSync')
    await kubectl('delete', 'application', 'app', '-n', 'argocd')
    expect(await kubectl('get', 'app', '-n', 'argocd', '-o', 'name')).toBe('')
  })

  test('the kinds of the operator are there with it, and patched by merge only', async () => {
    await expect(kubectl('get', 'argocds', '-A')).rejects.toThrow(/the server doesn't have a resource type/)
    world.twin.defect('operator-install')
    const patch = [
      'patch',
      'argocd',
      'argocd',
      '-n',
      'argocd',
      '-p',
      '{"spec":{"repo":{"labels":{"a":"b"}}}}'
    ]
    await expect(kubectl(...patch)).rejects.toThrow(/--type=|strategic|media types/i)
    expect(await kubectl(...patch, '--type', 'merge')).toContain('argocd.argoproj.io/argocd patched')
  })

  test('the version, by the proxy of the API server', async () => {
    world.twin.defect('version-by-digest')
    for (const name of ['https:argocd-server:443', 'http:argocd-server:80', 'argocd-server']) {
      const path = `/api/v1/namespaces/argocd/services/${name}/proxy/api/version`
      expect(JSON.parse(await kubectl('get', '--raw', path))).toEqual({
        Version: expect.stringMatching(/^v3\.2\.0\+[0-9a-f]+$/)
      })
    }
  })
})
