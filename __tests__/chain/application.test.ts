/** The Application, where one is asked for. */
import { describe, expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import { useWorld } from '../world.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind

const world = useWorld()
const applications = (): KubeObject[] => world.twin.kubernetes.store.list(APPLICATIONS, 'argocd')

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
          'The Application argocd/app differs from the inputs, and Patless cannot tell that it made it: it syncs by itself, and prunes.',
        expected: 'other; elsewhere',
        actual: 'deploy; shop',
        command: 'kubectl -n argocd edit application app'
      },
      { id: 'argocd/project-missing', severity: 'warning' }
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
    const report = await world.remove(ASKED)
    expect(wordsOf(report)).toMatchObject({
      application: 'removed',
      connection: 'removed',
      identity: 'removed'
    })
    expect(applications()).toEqual([])
  })
})
