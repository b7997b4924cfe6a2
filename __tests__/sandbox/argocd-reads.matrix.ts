/** What the twin's Argo CD reads by: the Secret's URL and proxy, every source, the container that runs the program. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { V1Deployment } from '@kubernetes/client-node'
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const PROJECTS = kindOf('argoproj.io', 'appprojects') as Kind
const SECRETS = kindOf('', 'secrets') as Kind
const CONFIGMAPS = kindOf('', 'configmaps') as Kind
const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const STATEFUL_SETS = kindOf('apps', 'statefulsets') as Kind
const TYPE = 'argocd.argoproj.io/secret-type'
const SKIP = 'argocd.argoproj.io/skip-reconcile'

let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest()
})
afterAll(() => world.twin.close())
beforeEach(async () => {
  world.twin.reset()
  await world.apply({ verification: 'none' })
})

const store = () => world.twin.kubernetes.store
const url = () => world.twin.azure.ids.repositoryUrl
const secretOfRepository = (): KubeObject => {
  const [found] = store()
    .list(SECRETS, 'argocd')
    .filter(({ metadata }) => metadata.labels?.[TYPE] === 'repository')
  if (!found) throw new Error('the repository is not connected')
  return found
}
function write(fields: Readonly<Record<string, string>>): void {
  const before = secretOfRepository()
  store().update(SECRETS, before, { ...before, stringData: fields })
}
function create(
  spec: Readonly<Record<string, unknown>> = {},
  metadata: object = {},
  namespace = 'argocd'
): void {
  store().create(APPLICATIONS, namespace, {
    apiVersion: '',
    kind: 'Application',
    metadata: { name: 'app', ...metadata },
    spec: {
      project: 'default',
      source: { repoURL: url(), path: 'deploy', targetRevision: 'HEAD' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
      ...spec
    }
  })
}
type Status = { sync?: { revisions?: string[]; revision?: string }; conditions?: { message: string }[] }
const statusOf = (namespace = 'argocd'): Status | undefined =>
  store().find(APPLICATIONS, namespace, 'app')?.status as Status | undefined
async function said(namespace = 'argocd'): Promise<string> {
  for (const until = Date.now() + 5_000; Date.now() < until;) {
    const status = statusOf(namespace)
    if (status) return status.conditions?.[0]?.message ?? ''
    await sleep(5)
  }
  throw new Error('Argo CD says nothing')
}

describe('a Secret', () => {
  test('git fetches its URL as it is written there, not the one of the Application', async () => {
    write({ url: `${url()}.git` })
    create()
    expect(await said()).toMatch(/repository not found: TF401019/)
  })

  test('a newline at the end of its URL is the same URL to Argo CD, and none to net/url', async () => {
    write({ url: `${url()}\n` })
    create()
    expect(await said()).toMatch(/invalid control character in URL/)
  })

  test('a dead proxy in it', async () => {
    write({ proxy: 'http://127.0.0.1:9' })
    create()
    expect(await said()).toMatch(/failed to list refs: Get ".*ECONNREFUSED/)
  })

  test.each([
    ['githubAppID', 'n/a', 'strconv.ParseInt: parsing "n/a"'],
    ['enableLfs', '', 'strconv.ParseBool: parsing ""']
  ])('%s: "%s" makes all of it unreadable', async (key, value, text) => {
    write({ [key]: value })
    create()
    expect(await said()).toContain(text)
  })

  test('depth is no key of 3.2, so nothing is wrong with it', async () => {
    write({ depth: 'one' })
    create()
    expect(await said()).toBe('')
  })

  test('one template of type helm that does not parse breaks every Application', async () => {
    store().create(SECRETS, 'argocd', {
      apiVersion: '',
      kind: 'Secret',
      metadata: { name: 'charts', labels: { [TYPE]: 'repo-creds' } },
      stringData: { url: 'https://charts.contoso.example', type: 'helm', enableOCI: 'yes' }
    })
    create()
    expect(await said()).toBe(
      'Failed to load target state: failed to get Helm credentials: strconv.ParseBool: parsing "yes": invalid syntax'
    )
  })
})

describe('an Application', () => {
  test('of several sources is read source by source, and says which one fails', async () => {
    const good = { repoURL: url(), path: 'deploy' }
    create({ source: undefined, sources: [good, { repoURL: url(), ref: 'values' }] })
    expect(await said()).toBe('')
    expect(statusOf()?.sync?.revisions).toHaveLength(2)
    store().remove(APPLICATIONS, 'argocd', 'app')
    create({ source: undefined, sources: [good, { repoURL: `${url()}/`, path: '.' }] })
    expect(await said()).toMatch(/failed to generate manifest for source 2 of 2: .*TF400813/)
  })

  test.each([
    ['skip-reconcile', (): void => undefined, { annotations: { [SKIP]: 'true' } }],
    [
      'its cluster is not to be looked at',
      () => {
        store().create(SECRETS, 'argocd', {
          apiVersion: '',
          kind: 'Secret',
          metadata: {
            name: 'in-cluster',
            labels: { [TYPE]: 'cluster' },
            annotations: { [SKIP]: 'true' }
          },
          stringData: { server: 'https://kubernetes.default.svc', name: 'in-cluster' }
        })
      },
      {}
    ],
    [
      'the controller has no replicas',
      () => {
        const before = store().get(STATEFUL_SETS, 'argocd', 'argocd-application-controller')
        const spec = { ...(before.spec as object), replicas: 0 }
        store().update(STATEFUL_SETS, before, { ...before, spec })
      },
      {}
    ]
  ] as const)('is not looked at: %s', async (_, defect, metadata) => {
    defect()
    create({}, metadata)
    await sleep(60)
    expect(statusOf()).toBeUndefined()
  })

  test('of another namespace: watched where application.namespaces names it, and allowed by its project', async () => {
    const before = store().get(CONFIGMAPS, 'argocd', 'argocd-cmd-params-cm')
    store().update(CONFIGMAPS, before, { ...before, data: { 'application.namespaces': 'team-*, default' } })
    create({}, {}, 'default')
    expect(await said('default')).toMatch(/in namespace 'default' is not allowed to use project 'default'/)
    const project = store().get(PROJECTS, 'argocd', 'default')
    const spec = { ...(project.spec as object), sourceNamespaces: ['default'] }
    store().update(PROJECTS, project, { ...project, spec })
    store().remove(APPLICATIONS, 'default', 'app')
    create({}, {}, 'default')
    expect(await said('default')).toBe('')
  })
})

test('the environment is that of the container that runs the program, not of one that stands before it', async () => {
  const before = store().get(DEPLOYMENTS, 'argocd', 'argocd-repo-server')
  const after = structuredClone(before) as KubeObject & V1Deployment
  after.spec?.template.spec?.containers.unshift({
    name: 'other-repo-server',
    image: 'contoso.example/tools:1',
    env: [{ name: 'AZURE_CLIENT_SECRET', value: 'not-a-real-secret-0123456789' }]
  })
  store().update(DEPLOYMENTS, before, after)
  await sleep(100)
  create()
  expect(await said()).toBe('')
})

describe('refs', () => {
  test('a poll takes them from Redis for three minutes, so it may not see that the login is gone', async () => {
    create()
    expect(await said()).toBe('')
    write({ useAzureWorkloadIdentity: 'false' })
    await world.twin.kubernetes.poll('kept')
    expect(statusOf()?.conditions).toBeUndefined()
    world.twin.journal.clear()
    await world.twin.kubernetes.poll('expired')
    expect(world.twin.journal.entries.map(({ path }) => path).join('\n')).toMatch(/info\/refs/)
  })
})

test('who wrote which fields is recorded with the time, apart for each writer', () => {
  const before = secretOfRepository()
  const note = { ...before, metadata: { ...before.metadata, annotations: { note: 'x' } } }
  store().update(SECRETS, before, note, { manager: 'scribe' })
  const entries = secretOfRepository().metadata.managedFields as { manager: string; fieldsV1: object }[]
  expect(entries.map(({ manager }) => manager)).toHaveLength(2)
  expect(entries.find(({ manager }) => manager === 'scribe')).toMatchObject({
    operation: 'Update',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
    fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:note': {} } } }
  })
})

describe('pods', () => {
  const restarted = async (): Promise<void> => {
    const before = store().get(DEPLOYMENTS, 'argocd', 'argocd-repo-server')
    const after = structuredClone(before) as KubeObject & V1Deployment
    if (after.spec?.template.metadata) after.spec.template.metadata.annotations = { restarted: 'now' }
    store().update(DEPLOYMENTS, before, after)
    await sleep(60)
  }

  test('are not mutated when nobody registers the webhook any more', async () => {
    world.twin.defect('webhook-unregistered')
    await restarted()
    create()
    expect(await said()).toMatch(/no client ID specified/)
  })

  test('that crash never get ready: the ones before go on serving', async () => {
    world.twin.defect('pods-crashing')
    await restarted()
    const pods = JSON.stringify(store().list(kindOf('', 'pods') as Kind, 'argocd'))
    expect(pods).toMatch(/CrashLoopBackOff/)
    create()
    expect(await said()).toBe('')
  })

  test('that a network policy holds back reach nobody', async () => {
    world.twin.defect('egress-denied-by-policy')
    create()
    expect(await said()).toMatch(/DeadlineExceeded/)
  })
})
