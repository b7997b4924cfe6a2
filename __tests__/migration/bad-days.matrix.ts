/** What goes wrong around a migration: nothing is lost, what can go goes, and the rest says why it did not. */
import { beforeEach, describe, expect, test } from '@jest/globals'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'
import {
  APPLICATIONS,
  backupsOf,
  compared,
  contentOf,
  refreshed,
  REPOSITORY,
  SECRETS,
  statusOf,
  storePat,
  urlOf,
  useIt
} from './pats.ts'

const SETS = kindOf('apps', 'statefulsets') as Kind

const world = useWorld()
const store = () => world.twin.kubernetes.store
const migrate = (inputs: Readonly<Record<string, string>> = {}): Promise<Report> =>
  world.run({ mode: 'migrate', 'repository-url': '', 'verification-timeout': '5', ...inputs })
const statesOf = ({ migration }: Report): Record<string, string> =>
  Object.fromEntries((migration?.moves ?? []).map(({ name, state }) => [name, state]))
const idsOf = ({ findings }: Report): string[] =>
  findings.filter(({ severity }) => severity !== 'note').map(({ id }) => id)

beforeEach(() => {
  world.twin.defect('fifty-repositories')
})

async function stored(count: number): Promise<void> {
  for (let each = 1; each <= count; each += 1) {
    storePat(world, `pat-${each}`, urlOf(world, `service-${each}`))
    useIt(world, `app-${each}`, urlOf(world, `service-${each}`))
  }
  await compared(world)
}

describe('nothing is switched', () => {
  test.each([
    ['quota-of-secrets', 'kubernetes/quota'],
    ['policy-no-new-secrets', 'kubernetes/admission-refused']
  ])('where no backup can be made: %s', async (defect, id) => {
    await stored(2)
    world.twin.defect(defect)
    const report = await migrate()
    expect(report.verdict.exitCode).toBe(1)
    expect(idsOf(report)).toContain(id)
    expect(statesOf(report)).toEqual({ 'pat-1': 'failed', 'pat-2': 'open' })
    for (const name of ['pat-1', 'pat-2']) expect(contentOf(world, name)).toHaveProperty('password')
  })

  test('where a policy refuses the change', async () => {
    await world.apply({ 'repository-url': urlOf(world, 'service-9'), verification: 'none' })
    await stored(1)
    world.twin.defect('policy-no-changed-secrets')
    const report = await migrate()
    expect(idsOf(report)).toContain('kubernetes/admission-refused')
    expect(contentOf(world, 'pat-1')).toHaveProperty('password')
  })

  test('where Argo CD compares nothing', async () => {
    await stored(1)
    const [controller] = store().list(SETS, 'argocd')
    if (controller)
      store().update(SETS, controller, {
        ...controller,
        spec: { ...(controller.spec as object), replicas: 0 }
      })
    const report = await migrate()
    expect(idsOf(report)).toContain('argocd/controller-stopped')
    expect(contentOf(world, 'pat-1')).toHaveProperty('password')
  })
})

test('an Application that was unhealthy before does not stop its Secret', async () => {
  await stored(1)
  store().create(APPLICATIONS, 'argocd', {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'broken' },
    spec: {
      project: 'default',
      source: { repoURL: urlOf(world, 'service-1'), path: 'no/such/path', targetRevision: 'HEAD' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
    }
  })
  await compared(world)
  expect(statusOf(world, 'broken').health?.status).toBe('Unknown')
  expect(statesOf(await migrate())).toEqual({ 'pat-1': 'migrated' })
})

test('a Secret that somebody changes between reading and writing is read again, kept again, and moved', async () => {
  await stored(1)
  let changed = false
  world.twin.journal.forge({
    service: 'kubernetes',
    method: 'PATCH',
    path: '/secrets/pat-1',
    times: 1,
    forge: (_call, real) => {
      changed = true
      const secret = store().get(SECRETS, 'argocd', 'pat-1')
      store().update(SECRETS, secret, { ...secret, stringData: { note: 'mine' } })
      return real()
    }
  })
  expect(statesOf(await migrate())).toEqual({ 'pat-1': 'migrated' })
  expect(changed).toBe(true)
  expect(contentOf(world, 'pat-1')).toMatchObject({ note: 'mine', useAzureWorkloadIdentity: 'true' })
  expect(contentOf(world, 'pat-1')).not.toHaveProperty('password')
})

test('keys that nobody knows stay, and what kubectl applied is not left behind with the token', async () => {
  const url = urlOf(world, 'service-1')
  const applied = JSON.stringify({ stringData: { password: 'the token once more' } })
  storePat(world, 'pat-1', url, {
    data: { somebodys: 'own', type: 'git', proxy: '' },
    metadata: {
      labels: REPOSITORY,
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': applied, keep: 'this' }
    }
  })
  useIt(world, 'app-1', url)
  await compared(world)
  expect(statesOf(await migrate())).toEqual({ 'pat-1': 'migrated' })
  expect(contentOf(world, 'pat-1')).toEqual({
    somebodys: 'own',
    type: 'git',
    proxy: '',
    url,
    useAzureWorkloadIdentity: 'true'
  })
  const { annotations } = store().get(SECRETS, 'argocd', 'pat-1').metadata
  expect(annotations).toHaveProperty('keep')
  expect(annotations).not.toHaveProperty(['kubectl.kubernetes.io/last-applied-configuration'])
  const back = await world.run({ mode: 'rollback', 'repository-url': '' })
  expect(back.verdict.exitCode).toBe(0)
  expect(store().get(SECRETS, 'argocd', 'pat-1').metadata.annotations).toMatchObject({
    'kubectl.kubernetes.io/last-applied-configuration': applied
  })
})

test('the credential of a proxy stays where it is, is said to stay, and is never called unused', async () => {
  const url = urlOf(world, 'service-1')
  storePat(world, 'pat-1', url, {
    data: { proxy: 'http://agent:proxy-password-1@127.0.0.1:9', noProxy: '*' }
  })
  storePat(world, 'elsewhere', 'https://github.com/contoso/x', {
    data: { proxy: 'http://agent:proxy-password-2@127.0.0.1:9' }
  })
  useIt(world, 'app-1', url)
  const audited = await world.run({ mode: 'audit', 'repository-url': '' })
  expect(
    audited.storedCredentials?.map(({ kind, object, keys, verdict }) => [kind, object.name, keys, verdict])
  ).toEqual([
    ['repository', 'pat-1', ['password', 'username'], 'can-go'],
    ['proxy', 'pat-1', ['proxy'], 'must-wait']
  ])
  const report = await migrate({ 'dry-run': 'true' })
  expect(statesOf(report)).toEqual({ 'pat-1 (proxy)': 'stays', 'pat-1': 'open' })
  expect(report.migration?.unused).toEqual([])
  expect(JSON.stringify([audited, report]) + world.printed.join()).not.toMatch(/proxy-password/)
})

test('an immutable Secret waits, the others go', async () => {
  await stored(2)
  const secret = store().get(SECRETS, 'argocd', 'pat-2')
  store().update(SECRETS, secret, { ...secret, immutable: true })
  const report = await migrate()
  expect(report.verdict.exitCode).toBe(2)
  expect(statesOf(report)).toEqual({ 'pat-1': 'migrated', 'pat-2': 'waits' })
  expect(idsOf(report)).toEqual(['migration/immutable'])
})

test('a template of the organization is moved in place, for the repositories of today and of tomorrow', async () => {
  const prefix = urlOf(world, 'x').replace('/shop/_git/x', '')
  storePat(world, 'of-contoso', prefix, { type: 'repo-creds' })
  for (const name of ['service-1', 'service-2']) useIt(world, `app-${name}`, urlOf(world, name))
  await compared(world)
  const report = await migrate()
  expect(statesOf(report)).toEqual({ 'of-contoso': 'migrated' })
  expect(contentOf(world, 'of-contoso')).toEqual({ url: prefix, useAzureWorkloadIdentity: 'true' })
  useIt(world, 'tomorrow', urlOf(world, 'service-3'))
  await compared(world)
  expect(await refreshed(world, 'tomorrow')).toMatchObject({ health: { status: 'Healthy' } })
})

test('a template that also serves others than the organization is refused, with the list', async () => {
  const { origin } = new URL(urlOf(world, 'x'))
  storePat(world, 'of-all', `${origin}/`, { type: 'repo-creds' })
  useIt(world, 'ours', urlOf(world, 'service-1'))
  useIt(world, 'theirs', `${origin}/tailwind/secret/_git/plans`)
  await compared(world)
  const report = await migrate()
  expect(report.verdict.exitCode).toBe(2)
  expect(statesOf(report)).toEqual({ 'of-all': 'waits' })
  expect(contentOf(world, 'of-all')).toHaveProperty('password')
})

test('a repository that is gone, and one that the identity may not read, keep their Secrets; the others go', async () => {
  await stored(1)
  storePat(world, 'stale', urlOf(world, 'deleted-long-ago'))
  storePat(world, 'no-project', urlOf(world, 'app', 'no such project'))
  const report = await migrate()
  expect(report.verdict.exitCode).toBe(2)
  expect(statesOf(report)).toEqual({ 'pat-1': 'migrated', stale: 'waits', 'no-project': 'waits' })
  expect(idsOf(report)).toEqual(['migration/no-access', 'migration/no-access'])
})

test('two Secrets for the same URL go together', async () => {
  storePat(world, 'pat-1', urlOf(world, 'service-1'))
  storePat(world, 'pat-1-copy', urlOf(world, 'service-1'))
  useIt(world, 'app-1', urlOf(world, 'service-1'))
  await compared(world)
  const report = await migrate()
  expect(statesOf(report)).toEqual({ 'pat-1': 'migrated', 'pat-1-copy': 'migrated' })
  expect(new Set(report.migration?.moves.map(({ batch }) => batch)).size).toBe(1)
})

test('with restart, Argo CD fetches everything again', async () => {
  await stored(1)
  const report = await migrate({ restart: 'true', 'verification-timeout': '60' })
  expect(statesOf(report)).toEqual({ 'pat-1': 'migrated' })
  // Three refreshes, and some more where the new pod was asked before it served, which depends on the machine.
  const asked = world.writes().filter((one) => /PATCH .*applications\/app-1/.test(one))
  expect(asked.length).toBeLessThanOrEqual(8)
})

test('the rehearsal writes nothing, and a canary that is not there is named', async () => {
  await stored(2)
  const report = await migrate({ 'dry-run': 'true', canary: 'pat-2' })
  expect(report.migration?.moves.map(({ name, batch }) => [name, batch])).toEqual([
    ['pat-2', 1],
    ['pat-1', 2]
  ])
  expect(world.writes()).toEqual([])
  expect(idsOf(await migrate({ canary: 'pat-3' }))).toContain('migration/canary-unknown')
  expect(backupsOf(world)).toEqual([])
})

test('the rehearsal says which Applications a refresh will sync: those that are out of sync, and those that may be', async () => {
  await stored(2)
  const automated = (name: string, sync: string): void => {
    const found = store().get(APPLICATIONS, 'argocd', name)
    const spec = { ...(found.spec as object), syncPolicy: { automated: {} } }
    store().update(APPLICATIONS, found, {
      ...found,
      spec,
      status: { ...(found.status as object), sync: { status: sync } }
    })
  }
  world.twin.defect('argocd-controller-down')
  automated('app-1', 'OutOfSync')
  automated('app-2', 'Synced')
  const { findings } = await migrate({ 'dry-run': 'true' })
  const syncs = findings.filter(({ id }) => id === 'migration/refresh-syncs')
  expect(syncs.map(({ severity, summary }) => [severity, summary])).toEqual([
    ['warning', expect.stringMatching(/out of sync now: argocd\/app-1\.$/)],
    ['note', expect.stringMatching(/newer revision: argocd\/app-2\.$/)]
  ])
})
