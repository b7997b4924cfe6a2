/**
 * What somebody else made is neither deleted nor replaced, whatever labels it carries: the bundle against things that
 * say they are Patless's.
 */
import { describe, expect, test } from '@jest/globals'
import { runGitHubJob, type JobResult } from '../../sandbox/job.ts'
import { isWrite } from '../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject, type Meta } from '../../sandbox/kubernetes/objects.ts'
import { nameOf } from '../../src/argocd/places.ts'
import { probeMetadata, probeName, probeSpec } from '../../src/argocd/probe.ts'
import { useTwin } from '../twin.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const SECRETS = kindOf('', 'secrets') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const NAMESPACES = kindOf('', 'namespaces') as Kind
const OURS = { 'app.kubernetes.io/managed-by': 'patless' }
const TYPE = 'argocd.argoproj.io/secret-type'
const QUICK = { verification: 'none' }

const twin = useTwin()

const job = (inputs: Record<string, string> = {}): Promise<JobResult> =>
  runGitHubJob({ environment: twin.environment, inputs })
const url = (): string => twin.azure.ids.repositoryUrl
const writes = (): string[] =>
  twin.journal.entries
    .filter((entry) => entry.by === undefined && isWrite(entry))
    .map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`)
const find = (kind: Kind, name: string, namespace = 'argocd'): KubeObject | undefined =>
  twin.kubernetes.store.find(kind, namespace, name)
/** All but what the server itself counts. */
const contentOf = (object: KubeObject | undefined): unknown => {
  const { metadata, ...rest } = { ...object, status: undefined }
  const { name, labels, ownerReferences, finalizers, deletionTimestamp } = metadata ?? {}
  return { ...rest, meta: { name, labels, ownerReferences, finalizers, deletionTimestamp } }
}

function application(name: string, metadata: Partial<Meta>, spec: object = {}, namespace = 'argocd'): void {
  if (!twin.kubernetes.store.find(NAMESPACES, undefined, namespace))
    twin.kubernetes.store.create(NAMESPACES, undefined, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace }
    })
  const made = twin.kubernetes.store.create(APPLICATIONS, namespace, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { ...metadata, name },
    spec: {
      project: 'default',
      source: { repoURL: 'https://localhost:1/contoso/shop', path: 'deploy', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'production' },
      ...spec
    }
  })
  twin.kubernetes.store.age(APPLICATIONS, made)
}

function secret(
  metadata: Partial<Meta>,
  stringData: Record<string, string>,
  more: Record<string, unknown> = {}
): string {
  const name = metadata.name ?? nameOf({ kind: 'repository', url: url(), project: '' })
  twin.kubernetes.store.create(SECRETS, 'argocd', {
    apiVersion: 'v1',
    kind: 'Secret',
    ...more,
    metadata: { ...metadata, name, labels: { [TYPE]: 'repository', ...OURS, ...metadata.labels } },
    stringData
  })
  return name
}

describe('an Application that says it is a probe', () => {
  const CASES: readonly (readonly [what: string, metadata: Partial<Meta>, namespace: string])[] = [
    ['in Argo CD’s namespace', { labels: { 'patless/probe': '' } }, 'argocd'],
    ['in a namespace of a team', { labels: { 'patless/probe': 'true' } }, 'team-a'],
    [
      'with a finalizer that takes all it deployed along',
      { labels: { 'patless/probe': 'true' }, finalizers: ['resources-finalizer.argocd.argoproj.io'] },
      'argocd'
    ],
    ['with both labels', { labels: { ...OURS, 'patless/probe': 'true' } }, 'argocd']
  ]
  test.each(CASES)('stays: %s', async (_what, metadata, namespace) => {
    application('shop', metadata, {}, namespace)
    const before = contentOf(find(APPLICATIONS, 'shop', namespace))
    const applied = await job()
    expect(contentOf(find(APPLICATIONS, 'shop', namespace))).toEqual(before)
    expect([applied.exitCode, applied.outputs['verification']]).toEqual([0, 'verified'])
    expect(applied.stdout).toContain('are no probes of Patless, which leaves them alone')
    expect((await job({ mode: 'remove' })).exitCode).toBe(0)
    expect(contentOf(find(APPLICATIONS, 'shop', namespace))).toEqual(before)
  })

  test.each<[string, Partial<Meta>, object]>([
    ['automated sync', {}, { syncPolicy: { automated: { prune: true } } }],
    [
      'an owner',
      {
        ownerReferences: [
          { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name: 'all', uid: '1' }
        ]
      },
      {}
    ],
    ['a finalizer', { finalizers: ['resources-finalizer.argocd.argoproj.io'] }, {}]
  ])('stays with the very name and labels of one, but %s', async (_what, more, spec) => {
    const metadata = probeMetadata(url(), 'aaaaaa') as Meta
    const name = probeName(url(), 'aaaaaa')
    const labels = { ...metadata.labels, ...more.labels }
    application(name, { ...metadata, ...more, labels }, { ...probeSpec(url(), 'argocd', 'default'), ...spec })
    const before = contentOf(find(APPLICATIONS, name))
    expect((await job()).exitCode).toBe(0)
    expect((await job({ mode: 'remove' })).exitCode).toBe(0)
    expect(contentOf(find(APPLICATIONS, name))).toEqual(before)
  })

  test('stays when it took the place of a probe between look and delete', async () => {
    const name = probeName(url(), 'aaaaaa')
    application(name, probeMetadata(url(), 'aaaaaa'), probeSpec(url(), 'argocd', 'default'))
    let replaced = 0
    twin.journal.forge({
      service: 'kubernetes',
      method: 'DELETE',
      path: `/applications/${name}`,
      times: 1,
      forge: (_call, real) => {
        replaced += 1
        twin.kubernetes.store.remove(APPLICATIONS, 'argocd', name)
        application(name, {})
        return real()
      }
    })
    const applied = await job()
    expect([applied.exitCode, replaced, applied.outputs['verification']]).toEqual([0, 1, 'verified'])
    expect(find(APPLICATIONS, name)).toBeDefined()
    expect(applied.stdout).toContain(
      `note verification/probe-left: The Application argocd/${name}, made to ask Argo CD, was left: it has no`
    )
  })

  test('that may not be deleted is a note, and the proof is what it is', async () => {
    application('patless-probe-of-old', { labels: { 'patless/probe': 'true' } })
    const name = probeName(url(), 'aaaaaa')
    application(name, probeMetadata(url(), 'aaaaaa'), probeSpec(url(), 'argocd', 'default'))
    const body = { kind: 'Status', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 }
    const forge = () => ({ status: 403, body })
    twin.journal.forge({ service: 'kubernetes', method: 'DELETE', path: '/applications/', forge })
    const applied = await job()
    expect([applied.exitCode, applied.outputs['verification']]).toEqual([0, 'verified'])
    expect(applied.summary).toContain('was left: The login is missing a permission in the cluster')
  })
})

describe('a Secret that says it is Patless’s', () => {
  const mine = (): Record<string, string> => ({ type: 'git', url: url(), useAzureWorkloadIdentity: 'true' })
  const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'repo', uid: '1' }

  test('with the name of ours, but of one project, is not opened to all of them', async () => {
    const name = secret({}, { ...mine(), project: 'team-a' })
    const before = contentOf(find(SECRETS, name))
    const applied = await job(QUICK)
    expect(contentOf(find(SECRETS, name))).toEqual(before)
    expect(applied.exitCode).toBe(1)
    expect(applied.stdout).toMatch(
      /::error title=Patless%3A connection\/[a-z-]+::.*is connected for project team-a only.*set argocd-project: team-a/
    )
    expect(writes()).toEqual([])
  })

  test('with the name of ours, but credentials for another place, keeps them', async () => {
    const name = secret(
      {},
      { type: 'git', url: 'https://github.com/contoso/x', username: 'x', password: 'p4ss' }
    )
    const before = contentOf(find(SECRETS, name))
    const applied = await job(QUICK)
    expect(contentOf(find(SECRETS, name))).toEqual(before)
    expect(applied.exitCode).toBe(1)
    expect(applied.stdout).toContain('it holds credentials (password, username)')
    expect(applied.stdout).not.toContain('p4ss')
  })

  test.each<[string, Partial<Meta>, Record<string, string>, Record<string, unknown>]>([
    ['a password', {}, { username: 'x', password: 'secret' }, {}],
    ['a key nobody knows', {}, { oauthRefresh: 'secret' }, {}],
    ['another name', { name: 'repo-of-shop' }, {}, {}],
    ['an owner', { ownerReferences: [owner] }, {}, {}],
    ['data that may not change', {}, {}, { immutable: true }],
    ['a note of Helm', { annotations: { 'meta.helm.sh/release-name': 'argo' } }, {}, {}]
  ])('is not deleted with %s', async (_what, metadata, data, more) => {
    await job(QUICK)
    twin.kubernetes.store.remove(SECRETS, 'argocd', nameOf({ kind: 'repository', url: url(), project: '' }))
    const name = secret(metadata, { ...mine(), ...data }, more)
    const before = contentOf(find(SECRETS, name))
    const removed = await job({ mode: 'remove' })
    expect(contentOf(find(SECRETS, name))).toEqual(before)
    expect(removed.exitCode).toBe(0)
    expect(removed.stdout).toMatch(
      new RegExp(`kept: Secret argocd/${name}: not provably made by Patless: its? `)
    )
    // What logs in by the identity keeps it; what does not, does not.
    const gone = 'password' in data || 'bearerToken' in data
    expect(removed.stdout).toMatch(gone ? /^- identity +removed/m : /^– identity +skipped/m)
  })

  test('is not deleted when it took the place of ours between look and delete', async () => {
    await job(QUICK)
    const name = nameOf({ kind: 'repository', url: url(), project: '' })
    twin.journal.forge({
      service: 'kubernetes',
      method: 'DELETE',
      path: `/secrets/${name}`,
      times: 1,
      forge: (_call, real) => {
        twin.kubernetes.store.remove(SECRETS, 'argocd', name)
        secret({}, { ...mine(), username: 'x', password: 'secret' })
        return real()
      }
    })
    await job({ mode: 'remove' })
    expect(find(SECRETS, name)?.['data']).toHaveProperty('password')
  })

  test('is not written when it took the place of another between look and write', async () => {
    await job(QUICK)
    const name = nameOf({ kind: 'repository', url: url(), project: '' })
    twin.defect('secret-flag-missing')
    twin.journal.forge({
      service: 'kubernetes',
      method: 'PATCH',
      path: `/secrets/${name}`,
      times: 1,
      forge: (_call, real) => {
        twin.kubernetes.store.remove(SECRETS, 'argocd', name)
        secret(
          { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
          { type: 'git', url: url(), useAzureWorkloadIdentity: 'false' }
        )
        return real()
      }
    })
    const applied = await job(QUICK)
    expect(find(SECRETS, name)?.['data']).toMatchObject({
      useAzureWorkloadIdentity: Buffer.from('false').toString('base64')
    })
    expect(applied.exitCode).toBe(1)
    expect(applied.stdout).toContain('not provably made by Patless')
    expect(applied.stdout).toContain('somebody else wrote that value')
  })
})

describe('a Secret of somebody else', () => {
  const plain = { 'app.kubernetes.io/managed-by': '' }

  test('without the flag gets the flag, and keeps every byte else', async () => {
    const name = secret({ name: 'shop', labels: plain }, { url: url(), enableLfs: 'true' })
    const before = contentOf(find(SECRETS, name)) as { data: object }
    expect((await job(QUICK)).exitCode).toBe(0)
    const useAzureWorkloadIdentity = Buffer.from('true').toString('base64')
    expect(contentOf(find(SECRETS, name))).toEqual({
      ...before,
      data: { ...before.data, useAzureWorkloadIdentity }
    })
  })

  test.each<[string, Partial<Meta>, Record<string, string>, Record<string, unknown>, RegExp]>([
    [
      'the flag switched off',
      {},
      { useAzureWorkloadIdentity: 'false' },
      {},
      /somebody else wrote that value/
    ],
    [
      'another type',
      {},
      { type: 'helm', useAzureWorkloadIdentity: 'true' },
      {},
      /its key type is not changed/
    ],
    [
      'an owner',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'SealedSecret', name: 'r', uid: '1' }] },
      {},
      {},
      /controller of SealedSecret r.*patch sealedsecret r /
    ],
    ['data that may not change', {}, {}, { immutable: true }, /immutable/]
  ])('is not written with %s', async (_what, metadata, data, more, why) => {
    const name = secret({ name: 'shop', labels: plain, ...metadata }, { url: url(), ...data }, more)
    const before = contentOf(find(SECRETS, name))
    const applied = await job(QUICK)
    expect(contentOf(find(SECRETS, name))).toEqual(before)
    expect(applied.exitCode).toBe(1)
    expect(applied.stdout).toMatch(why)
    expect(writes()).toEqual([])
  })
})

describe('an Application with the name that was asked for', () => {
  const ASKED = { 'application-name': 'shop', 'application-path': 'other', ...QUICK }

  test.each<[string, Partial<Meta>, object]>([
    ['of somebody else', {}, {}],
    ['that syncs and prunes', {}, { syncPolicy: { automated: { prune: true } } }],
    [
      'that syncs and prunes, with the label',
      { labels: OURS },
      { syncPolicy: { automated: { prune: true } } }
    ],
    [
      'with the label and a finalizer',
      { labels: OURS, finalizers: ['resources-finalizer.argocd.argoproj.io'] },
      {}
    ],
    [
      'with the label, of an ApplicationSet',
      {
        labels: OURS,
        ownerReferences: [
          { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name: 'all', uid: '1' }
        ]
      },
      {}
    ],
    [
      'with the label, for another cluster',
      { labels: OURS },
      { destination: { server: 'https://10.0.0.1', namespace: 'x' } }
    ]
  ])('keeps its source and stays: %s', async (_what, metadata, spec) => {
    application('shop', metadata, spec)
    const before = contentOf(find(APPLICATIONS, 'shop'))
    const applied = await job(ASKED)
    expect(contentOf(find(APPLICATIONS, 'shop'))).toEqual(before)
    expect(applied.exitCode).toBe(1)
    expect(applied.stdout).toMatch(
      /::error title=Patless%3A application\/[a-z-]+::The Application argocd\/shop differs from the inputs, and Patless cannot tell that it made it/
    )
    expect(applied.stdout).toContain('set application-name to another name')
    expect(writes()).toEqual([])
    await job({ ...ASKED, mode: 'remove' })
    expect(contentOf(find(APPLICATIONS, 'shop'))).toEqual(before)
  })

  test('keeps it also when it came between look and write', async () => {
    await job({ ...ASKED, 'application-path': 'deploy' })
    twin.journal.forge({
      service: 'kubernetes',
      method: 'PATCH',
      path: '/applications/shop',
      times: 1,
      forge: (_call, real) => {
        twin.kubernetes.store.remove(APPLICATIONS, 'argocd', 'shop')
        application('shop', { labels: OURS }, { syncPolicy: { automated: { prune: true } } })
        return real()
      }
    })
    const applied = await job(ASKED)
    expect(find(APPLICATIONS, 'shop')?.spec).toMatchObject({ source: { path: 'deploy' } })
    expect(applied.exitCode).toBe(1)
  })

  test('keeps all that it rests on when it stays', async () => {
    await job({ ...ASKED, 'application-path': 'deploy' })
    const { store } = twin.kubernetes
    const made = store.get(APPLICATIONS, 'argocd', 'shop')
    const finalizers = ['resources-finalizer.argocd.argoproj.io']
    store.update(APPLICATIONS, made, { ...made, metadata: { ...made.metadata, finalizers } })
    twin.journal.clear()
    const removed = await job({ ...ASKED, mode: 'remove' })
    expect([removed.exitCode, writes()]).toEqual([0, []])
    expect(removed.stdout).toMatch(/^– identity .*the application needs it and is kept/m)
  })
})

describe('remove', () => {
  interface Azure {
    readonly azure: { readonly identities: readonly { readonly credentials: readonly unknown[] }[] }
  }
  const azure = (): unknown => (twin.state() as Azure).azure
  /** What an administrator built by the portal and kubectl: the same, without one mark of Patless. */
  const byHand = async (): Promise<void> => {
    await job(QUICK)
    twin.defect('identity-untagged')
    twin.defect('credential-named-by-hand')
    const { store } = twin.kubernetes
    const made = store.get(SECRETS, 'argocd', nameOf({ kind: 'repository', url: url(), project: '' }))
    store.update(SECRETS, made, { ...made, metadata: { ...made.metadata, labels: { [TYPE]: 'repository' } } })
    twin.journal.clear()
  }

  test('takes nothing of a chain that was built by hand, and says why', async () => {
    await byHand()
    const before = JSON.stringify(azure())
    const removed = await job({ mode: 'remove' })
    expect([removed.exitCode, writes()]).toEqual([0, []])
    expect(JSON.stringify(azure())).toBe(before)
    for (const hop of [
      'identity',
      'federated-credential',
      'entitlement',
      'permission',
      'workload',
      'connection'
    ])
      expect(removed.stdout).toMatch(new RegExp(`^– ${hop} +skipped +kept: `, 'm'))
    expect(removed.outputs['changed']).toBe('false')
  })

  test('takes nothing of it for marks that a tenant of the namespace forges', async () => {
    await byHand()
    const { store } = twin.kubernetes
    for (const [kind, name] of [
      [ACCOUNTS, 'argocd-repo-server'],
      [DEPLOYMENTS, 'argocd-repo-server']
    ] as const) {
      const object = store.get(kind, 'argocd', name)
      const labels = { ...object.metadata.labels, ...OURS, 'managed-by': 'patless' }
      const annotations = { ...object.metadata.annotations, ...OURS, 'patless/made': 'true' }
      store.update(kind, object, { ...object, metadata: { ...object.metadata, labels, annotations } })
    }
    const made = store.get(SECRETS, 'argocd', nameOf({ kind: 'repository', url: url(), project: '' }))
    const data = { ...(made['data'] as object), enableLfs: Buffer.from('true').toString('base64') }
    const labels = { [TYPE]: 'repository', ...OURS }
    store.update(SECRETS, made, { ...made, data, metadata: { ...made.metadata, labels } })
    const removed = await job({ mode: 'remove' })
    expect([removed.exitCode, writes()]).toEqual([0, []])
  })

  test('does not take a credential that somebody named, nor then the identity with the tag', async () => {
    await job(QUICK)
    twin.defect('credential-named-by-hand')
    const removed = await job({ mode: 'remove' })
    expect(removed.exitCode).toBe(0)
    expect((twin.state() as Azure).azure.identities[0]?.credentials).toHaveLength(1)
    expect(removed.stdout).toMatch(/^– identity .*the federated-credential needs it and is kept/m)
  })

  test('nor does apply change it: it blocks, with the way out', async () => {
    await job(QUICK)
    twin.defect('credential-named-by-hand')
    expect((await job(QUICK)).exitCode).toBe(0)
    twin.defect('credential-audience')
    twin.journal.clear()
    const applied = await job(QUICK)
    expect([applied.exitCode, writes()]).toEqual([1, []])
    expect(applied.stdout).toContain('az identity federated-credential delete')
  })
})
