/**
 * Backups that somebody forged: who may create Secrets beside Argo CD, or set labels, must not make a run write, delete or
 * send anything for him.
 */
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { V1Secret } from '@kubernetes/client-node'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import { backupOf } from '../../src/argocd/migration/backup.ts'
import type { Report } from '../../src/report/report.ts'
import {
  APPLICATIONS,
  backupsOf,
  compared,
  contentOf,
  eightDaysPass,
  killedBeforeConfirming,
  REPOSITORY,
  SECRETS,
  storePat,
  urlOf,
  useIt
} from '../migration/pats.ts'
import { useWorld } from '../world.ts'

const NAMESPACES = kindOf('', 'namespaces') as Kind
const EVIL = 'a-token-of-the-attacker-with-some-length'

const world = useWorld()
const store = () => world.twin.kubernetes.store
const victim = (): KubeObject => store().get(SECRETS, 'argocd', 'pat-1')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A backup as Patless writes it, of a Secret with this content. */
function forged(of: Partial<V1Secret> = {}, change: (made: V1Secret) => V1Secret = (made) => made): V1Secret {
  const { metadata } = victim()
  const { uid = '', resourceVersion = '' } = metadata
  const data = { url: base64(urlOf(world, 'service-1')), password: base64(EVIL) }
  const secret = {
    ...of,
    metadata: {
      namespace: 'argocd',
      name: 'pat-1',
      uid,
      resourceVersion,
      labels: REPOSITORY,
      ...of.metadata
    },
    data: { ...data, ...of.data }
  }
  return change(backupOf(secret, Date.now() - 86_400_000, 7 * 86_400_000))
}

function put(secret: V1Secret, namespace = 'argocd'): string {
  if (!store().find(NAMESPACES, undefined, namespace))
    store().create(NAMESPACES, undefined, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace }
    })
  return store().create(SECRETS, namespace, secret as unknown as KubeObject).metadata.name
}

const noted = (made: V1Secret, annotations: Record<string, string>): V1Secret => ({
  ...made,
  metadata: { ...made.metadata, annotations: { ...made.metadata?.annotations, ...annotations } }
})
const confirmed = (made: V1Secret, at: string): V1Secret => noted(made, { 'patless/confirmed': at })
/** Of everything but Leases and what Patless or the attacker names a backup. */
const touched = (): string[] =>
  world
    .writes()
    .filter((one) => one.startsWith('kubernetes ') && !/leases|selfsubject/.test(one))
    .map((one) => one.replace(/.*namespaces\//, ''))
/** Backups that something is said to be wrong with. */
const warned = ({ findings }: Report): string[] =>
  findings
    .filter(({ id, severity }) => id.startsWith('migration/backup') && severity === 'warning')
    .map(({ object = '' }) => object)

const FORGERIES: readonly (readonly [string, () => V1Secret])[] = [
  ['the whole of it, made after the switch', () => forged()],
  ['confirmed long ago, so that it would be swept', () => confirmed(forged(), '2026-01-01T00:00:00.000Z')],
  ['confirmed tomorrow', () => confirmed(forged(), '2999-01-01T00:00:00.000Z')],
  ['confirmed at a time that is none', () => confirmed(forged(), '${{ secrets.X }}\n::error::now')],
  ['a uid of another Secret', () => forged({ metadata: { uid: '7d0a6d0e-0000-4000-8000-000000000000' } })],
  ['another URL', () => forged({ data: { url: base64('https://evil.example/x/_git/y') } })],
  [
    'no credential',
    () => forged({ data: { password: '' } }, (made) => withOriginal(made, { password: undefined }))
  ],
  ['content that may change', () => forged({}, (made) => ({ ...made, immutable: false }))],
  [
    'an owner',
    () =>
      forged({}, (made) => ({
        ...made,
        metadata: {
          ...made.metadata,
          ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }]
        }
      }))
  ],
  [
    'the name of another Secret',
    () =>
      noted(forged(), {
        'patless/backup-of': JSON.stringify({
          secret: 'argocd-secret',
          uid: 'x',
          version: '1',
          at: new Date().toISOString(),
          days: 7
        })
      })
  ],
  [
    'a Secret of another namespace',
    () =>
      noted(forged(), {
        'patless/backup-of': JSON.stringify({
          secret: 'kube-system/token',
          uid: 'x',
          version: '1',
          at: new Date().toISOString(),
          days: 7
        })
      })
  ],
  [
    'a label and nothing else',
    () => ({
      metadata: {
        name: 'notes',
        labels: { 'app.kubernetes.io/managed-by': 'patless', 'patless/backup': 'true' }
      },
      data: { notes: base64('mine') }
    })
  ],
  [
    'a million bytes',
    () =>
      forged({}, (made) => ({ ...made, data: { 'original.json': base64(`{"a":"${'x'.repeat(750_000)}"}`) } }))
  ],
  [
    'brackets without end',
    () => forged({}, (made) => ({ ...made, data: { 'original.json': base64('['.repeat(700_000)) } }))
  ]
]

function withOriginal(made: V1Secret, data: Record<string, string | undefined>): V1Secret {
  const text = Buffer.from(made.data?.['original.json'] ?? '', 'base64').toString()
  const original = JSON.parse(text) as { data: object }
  const changed = { ...original, data: { ...original.data, ...data } }
  return { ...made, data: { 'original.json': base64(JSON.stringify(changed)) } }
}

beforeEach(async () => {
  world.twin.defect('fifty-repositories')
  storePat(world, 'pat-1', urlOf(world, 'service-1'))
  useIt(world, 'app-1', urlOf(world, 'service-1'))
  await compared(world)
  await world.run({ mode: 'migrate', 'repository-url': '' })
})

describe('of a Secret that was moved: nothing is put back from it, nothing is deleted, and audit says so', () => {
  test.each(FORGERIES)('%s', async (_what, make) => {
    const name = put(make())
    const [before, genuine] = [contentOf(world, 'pat-1'), backupsOf(world).length]
    world.twin.journal.clear()
    const audited = await world.run({ mode: 'audit', 'repository-url': '' })
    expect(warned(audited)).toEqual([`Secret argocd/${name}`])
    await world.apply({ verification: 'none' })
    await world.run({ mode: 'migrate', 'repository-url': '' })
    expect(contentOf(world, 'pat-1')).toEqual(before)
    expect(backupsOf(world)).toHaveLength(genuine)
    expect(touched().filter((one) => /pat-1|argocd-secret|kube-system|notes/.test(one))).toEqual([])
    expect(world.printed.join('\n')).not.toContain(EVIL)
    // The genuine one still works, beside it.
    await world.run({ mode: 'rollback', 'repository-url': '' })
    expect(contentOf(world, 'pat-1')['username']).toBe('anna')
    expect(contentOf(world, 'pat-1')['password']).not.toBe(EVIL)
    expect(store().find(SECRETS, 'argocd', name)).toBeDefined()
  })
})

test('in another namespace it is not even looked at', async () => {
  const name = put(forged(), 'somebodys')
  const report = await world.run({ mode: 'rollback', 'repository-url': '' })
  expect(warned(report)).toEqual([])
  expect(contentOf(world, 'pat-1')['password']).not.toBe(EVIL)
  expect(store().find(SECRETS, 'somebodys', name)).toBeDefined()
})

test('one that took the place of the genuine one, under its name, is not believed', async () => {
  const [genuine] = backupsOf(world)
  const name = genuine?.metadata.name ?? ''
  store().remove(SECRETS, 'argocd', name)
  put(forged({}, (made) => ({ ...made, metadata: { ...made.metadata, name } })))
  await world.run({ mode: 'rollback', 'repository-url': '' })
  expect(contentOf(world, 'pat-1')).not.toHaveProperty('password')
  expect(store().find(SECRETS, 'argocd', name)).toBeDefined()
})

describe('of a Secret that is not there: only a repository is ever made anew', () => {
  test.each<[string, Partial<V1Secret>]>([
    ['a token of a service account', { type: 'kubernetes.io/service-account-token' }],
    [
      'a certificate that Argo CD reads by its name',
      { data: { 'tls.crt': base64('x'), 'tls.key': base64('x') } }
    ],
    ['a cluster', { metadata: { labels: { 'argocd.argoproj.io/secret-type': 'cluster' } } }],
    ['a repository elsewhere', { data: { url: base64('https://evil.example/x') } }]
  ])('%s', async (_what, of) => {
    const gone = { name: 'argocd-server-tls', uid: 'gone', resourceVersion: '7', ...of.metadata }
    put(forged({ ...of, metadata: gone }))
    await world.run({ mode: 'rollback', 'repository-url': '' })
    expect(store().find(SECRETS, 'argocd', 'argocd-server-tls')).toBeUndefined()
  })
})

test('a Secret and a backup that fit each other do not make Argo CD send a token to another host', async () => {
  const url = 'https://evil.example/contoso/_git/x'
  const own = store().create(SECRETS, 'argocd', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'mine', labels: REPOSITORY },
    stringData: { url, useAzureWorkloadIdentity: 'true' }
  })
  const { uid, resourceVersion } = own.metadata
  const made = put(
    forged({
      metadata: { name: 'mine', uid: uid ?? '', resourceVersion: resourceVersion ?? '' },
      data: { url: base64(url) }
    })
  )
  const mark = {
    backup: made,
    uid: store().get(SECRETS, 'argocd', made).metadata.uid,
    at: new Date().toISOString(),
    keys: ['password'],
    shared: ['\u001b[31m::error::x']
  }
  const annotations = { 'patless/migrated': JSON.stringify(mark) }
  store().update(SECRETS, own, { ...own, metadata: { ...own.metadata, annotations } })
  world.twin.journal.clear()
  await world.apply({ verification: 'none' })
  for (const mode of ['migrate', 'rollback']) await world.run({ mode, 'repository-url': '' })
  expect(touched().filter((one) => /applications$|secrets\/mine/.test(one))).toEqual([])
  expect(
    store()
      .list(APPLICATIONS, 'argocd')
      .map(({ metadata }) => metadata.name)
  ).toEqual(['app-1'])
  const reminded = await world.run({ mode: 'audit', 'repository-url': '', remind: 'true' })
  expect(reminded.findings.map(({ summary }) => summary).join()).not.toContain('\u001b')
})

test('a forged time of confirmation makes Argo CD asked once more, and does not shorten what stays', async () => {
  for (const at of ['2020-01-01T00:00:00Z', '2999-01-01T00:00:00Z', 'yesterday']) {
    killedBeforeConfirming(world)
    const [backup] = backupsOf(world)
    if (!backup) throw new Error('no backup')
    const annotations = { ...backup.metadata.annotations, 'patless/confirmed': at }
    store().update(SECRETS, backup, { ...backup, metadata: { ...backup.metadata, annotations } })
    const report = await world.apply({ verification: 'none' })
    expect(report.findings.map(({ id }) => id)).toContain('migration/recovered')
    expect(backupsOf(world)).toHaveLength(1)
  }
  eightDaysPass(world)
  await world.apply({ verification: 'none' })
  expect(backupsOf(world)).toEqual([])
})
