/** Credentials that programs beside Argo CD use, as far as its objects tell: found by an audit, and left alone by a migration. */
import { describe, expect, test } from '@jest/globals'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import type { Report } from '../../src/report/report.ts'
import type { ReportedCredential } from '../../src/report/stored-credentials.ts'
import { forbid } from '../chain/roles.ts'
import { compared, contentOf, SECRETS, storePat, urlOf, useIt } from '../migration/pats.ts'
import { useWorld } from '../world.ts'

const UPDATERS = kindOf('argocd-image-updater.argoproj.io', 'imageupdaters') as Kind
const DEFINITIONS = kindOf('apiextensions.k8s.io', 'customresourcedefinitions') as Kind
const MAPS = kindOf('', 'configmaps') as Kind
const TOKEN = 'a-token-that-is-as-long-as-those-of-azure-devops-are'

const world = useWorld()
const store = () => world.twin.kubernetes.store
const audit = (): Promise<Report> =>
  world.run({
    mode: 'audit',
    'repository-url': '',
    'argocd-namespace': 'argocd',
    'resource-group': 'rg-gitops'
  })
const named = ({ storedCredentials = [] }: Report, name: string): ReportedCredential[] =>
  storedCredentials.filter(({ object }) => object.name === name)

function secret(name: string, stringData: Readonly<Record<string, string>>): void {
  store().create(SECRETS, 'argocd', { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData })
}

/** @param method as ImageUpdaters say how they commit */
function updates(method: string, more: object = {}): void {
  store().create(DEFINITIONS, undefined, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'imageupdaters.argocd-image-updater.argoproj.io' }
  })
  store().create(UPDATERS, 'argocd', {
    apiVersion: 'argocd-image-updater.argoproj.io/v1alpha1',
    kind: 'ImageUpdater',
    metadata: { name: 'all' },
    spec: { writeBackConfig: { method }, applicationRefs: [{ namePattern: 'app-*', images: [], ...more }] }
  })
}

function notifies(
  configuration: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>
): void {
  secret('argocd-notifications-secret', values)
  store().create(MAPS, 'argocd', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-notifications-cm' },
    data: configuration
  })
}

describe('Argo CD Image Updater by its resources', () => {
  test('the Secret that it commits with must wait, whatever the annotations of the Applications say', async () => {
    useIt(world, 'app-1', urlOf(world, 'app'))
    secret('committing', { username: 'bot', password: TOKEN })
    updates('git:secret:argocd/committing')
    expect(named(await audit(), 'committing')).toMatchObject([
      {
        kind: 'other',
        keys: ['password'],
        user: 'bot',
        verdict: 'must-wait',
        reasons: [{ id: 'other-reader' }]
      }
    ])
  })

  test('another repository than that of the Applications counts, too; one elsewhere does not', async () => {
    useIt(world, 'app-1', 'https://github.com/contoso/app')
    secret('committing', { password: TOKEN })
    updates('git', {
      writeBackConfig: {
        method: 'git:secret:argocd/committing',
        gitConfig: { repository: urlOf(world, 'tags') }
      }
    })
    expect(named(await audit(), 'committing')).toMatchObject([{ url: urlOf(world, 'tags') }])
  })

  test('a Secret of Argo CD itself that it commits with stays in a migration', async () => {
    world.twin.defect('fifty-repositories')
    storePat(world, 'pat-1', urlOf(world, 'service-1'))
    storePat(world, 'pat-2', urlOf(world, 'service-2'))
    useIt(world, 'app-1', urlOf(world, 'service-1'))
    useIt(world, 'other-2', urlOf(world, 'service-2'))
    await compared(world)
    updates('git')
    const { migration } = await world.run({ mode: 'migrate', 'repository-url': '' })
    expect(migration?.moves.map(({ name, state }) => [name, state])).toEqual([
      ['pat-1', 'stays'],
      ['pat-2', 'migrated']
    ])
    expect(contentOf(world, 'pat-1')).toHaveProperty('password')
  })
})

describe('notifications', () => {
  test('the keys that services for Azure DevOps name, and no other', async () => {
    const service = `url: https://vssps.dev.azure.com/contoso/_apis\nheaders:\n- name: Authorization\n  value: Basic $azdo-token\n`
    notifies(
      {
        'service.webhook.azdo': service,
        'service.slack': 'token: $slack-token',
        'template.x': 'message: $other'
      },
      { 'azdo-token': TOKEN, 'slack-token': 'xoxb-1', other: 'x' }
    )
    expect(named(await audit(), 'argocd-notifications-secret')).toMatchObject([
      { kind: 'other', keys: ['azdo-token'], verdict: 'must-wait' }
    ])
  })

  test.each([
    [
      'no service for Azure DevOps',
      { 'service.webhook.x': 'url: https://dev.azure.com.evil.example/x\ntoken: $azdo-token' }
    ],
    [
      'a key that the Secret does not have',
      { 'service.webhook.x': 'url: https://dev.azure.com/contoso\ntoken: $missing' }
    ]
  ])('%s is none', async (_what, configuration) => {
    notifies(configuration, { 'azdo-token': TOKEN })
    expect(named(await audit(), 'argocd-notifications-secret')).toEqual([])
  })
})

describe('with the documented role', () => {
  test.each([
    ['nothing is said', undefined, []],
    [
      'without list imageupdaters, what was not seen is said',
      ['list', 'imageupdaters'],
      ['Image Updater commits']
    ]
  ])('%s', async (_what, away, said) => {
    notifies(
      { 'service.webhook.x': 'url: https://dev.azure.com/contoso\ntoken: $azdo-token' },
      { 'azdo-token': TOKEN }
    )
    updates('argocd')
    await world.twin.bindDocumentedRole('kubernetes-role-audit.yaml')
    if (away) forbid(world, away[0] ?? '', away[1] ?? '')
    const report = await audit()
    const unseen = report.findings.filter(({ id }) => id === 'stored-credential/not-seen')
    expect(unseen).toHaveLength(said.length)
    for (const [index, words] of said.entries()) expect(unseen[index]?.summary).toContain(words)
    expect(named(report, 'argocd-notifications-secret')).toHaveLength(1)
    expect(report.verdict.exitCode).toBe(2)
  })
})
