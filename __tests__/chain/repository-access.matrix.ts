/** access: repository: two entries, who may write them, and when the one on the project goes. */
import { describe, expect, test } from '@jest/globals'
import { useWorld } from '../world.ts'
import { wordsOf } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'

const SECRETS = kindOf('', 'secrets') as Kind
const MANAGE = 8192
const READ = 2
const EDIT = 2

const world = useWorld()

interface State {
  readonly members: readonly { readonly principalId: string; readonly groups: readonly string[] }[]
  readonly entries: readonly {
    readonly token: string
    readonly entries: Readonly<Record<string, { readonly allow: number; readonly deny: number }>>
  }[]
  readonly repositories: readonly { readonly name: string; readonly id: string }[]
}
const azure = (): State => (world.twin.state() as { azure: State }).azure
const urlOf = (repository: string): string => world.twin.azure.ids.repositoryUrl.replace(/[^/]+$/, repository)
const tokenOf = (repository: string): string => {
  const { id = '' } = azure().repositories.find(({ name }) => name === repository) ?? {}
  return `repoV2/${world.twin.azure.ids.projectId}/${id}`
}
const projectToken = (): string =>
  `$PROJECT:vstfs:///Classification/TeamProject/${world.twin.azure.ids.projectId}`
/** `token allow` of the entries of the identity. */
const entriesOfIdentity = (): string[] =>
  azure().entries.flatMap(({ token, entries }) =>
    Object.entries(entries)
      .filter(([descriptor]) => !descriptor.includes(world.twin.azure.ids.deployerPrincipalId))
      .map(([, { allow }]) => `${token} ${allow}`)
  )
const apply = (repository = 'app', more = {}) =>
  world.apply({ access: 'repository', 'repository-url': urlOf(repository), verification: 'access', ...more })

describe('the project has to show', () => {
  test('an entry on the repository alone is not enough; apply adds the other one', async () => {
    await apply()
    world.twin.defect('project-hidden')
    const checked = await world.check({ access: 'repository', 'verification-timeout': '1' })
    expect(checked.resources.find(({ resource }) => resource === 'permission')?.differences).toEqual([
      { field: 'View project-level information of shop', expected: 'allow', actual: undefined }
    ])
    // Argo CD is not told to be verified where git says TF401019.
    expect(checked.outputs.verification).toBe('failed')
    expect((await apply()).outputs).toMatchObject({ changed: 'true', verification: 'verified' })
    expect((await world.check({ access: 'repository' })).outputs).toMatchObject({ drift: 'false' })
  })

  test('a deny on the project is reported, not overwritten', async () => {
    await apply()
    world.twin.defect('project-denied')
    world.twin.journal.clear()
    const report = await apply()
    expect(report.findings).toMatchObject([
      {
        resource: 'permission',
        summary:
          'View project-level information of shop is denied to the identity itself; a deny beats every allow.',
        remedy: 'remove the Deny under Project settings > Permissions'
      }
    ])
    expect(world.writes()).toEqual([])
  })

  test('a project that a group shows gets no entry', async () => {
    await world.apply({ verification: 'none' })
    expect((await apply()).outputs.verification).toBe('verified')
    expect(entriesOfIdentity()).toEqual([`${tokenOf('app').toLowerCase()} ${READ}`])
  })
})

describe('who may', () => {
  test('the administrator of a second repository can let an existing member read it', async () => {
    await apply()
    world.twin.azure.grant({ group: 'Readers', entries: { [tokenOf('infra')]: READ | MANAGE } })
    world.twin.journal.clear()
    const report = await apply('infra')
    expect(report.findings).toEqual([])
    expect(report.outputs).toMatchObject({ changed: 'true', verification: 'verified' })
    expect(report.findings).toEqual([])
    expect(world.writes().filter((write) => write.startsWith('devops '))).toEqual([
      'devops POST /contoso/_apis/accesscontrolentries/2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'
    ])
    expect(world.writes().filter((write) => write.startsWith('entitlements '))).toEqual([])
  })

  test('without that right it is named before the first write', async () => {
    await apply()
    world.twin.azure.grant({ group: 'Readers' })
    world.twin.journal.clear()
    const report = await apply('infra')
    expect(report.findings).toMatchObject([
      {
        summary: 'The login may not write the permissions of repository shop/infra.',
        expected: 'Manage permissions',
        remedy:
          'Project settings > Repositories > shop/infra > Security: allow Manage permissions for the application the run logs in as'
      }
    ])
    expect(world.writes()).toEqual([])
  })

  test('the first entry of a project needs the right to the project, and nothing of the organization', async () => {
    await apply()
    world.twin.defect('not-a-reader')
    const entries = { [tokenOf('app')]: READ | MANAGE }
    world.twin.azure.grant({ group: 'Readers', entries })
    world.twin.journal.clear()
    const refused = await apply()
    expect(refused.findings.map(({ summary, expected }) => [summary, expected])).toEqual([
      ['The login may not write the permissions of project shop.', 'Edit project-level information']
    ])
    expect(world.writes()).toEqual([])
    world.twin.azure.grant({ entries: { [projectToken()]: 1 | EDIT } })
    expect((await apply()).outputs).toMatchObject({ changed: 'true', verification: 'verified' })
  })

  test('an administrator of the project may all of it', async () => {
    await apply()
    world.twin.defect('not-a-reader')
    world.twin.azure.grant({ group: 'Project Administrators' })
    const report = await apply()
    expect(report.outputs).toMatchObject({ changed: 'true', verification: 'verified' })
    expect(report.findings).toEqual([])
  })

  test('Read and View project-level information are enough for a check', async () => {
    await apply()
    world.twin.azure.grant({ entries: { [tokenOf('app')]: READ, [projectToken()]: 1 } })
    const report = await world.check({ access: 'repository', verification: 'access' })
    expect(report.outputs).toMatchObject({ drift: 'false', verification: 'verified' })
  })

  test('a login that does not see the project is shown what it needs', async () => {
    world.twin.azure.grant({ entries: { [tokenOf('app')]: READ } })
    const report = await apply()
    expect(report.findings[0]?.summary).toMatch(/no repository app in project shop that the login can see/)
    expect(report.findings[0]?.remedy).toMatch(/View project-level information/)
    expect(world.writes()).toEqual([])
  })
})

describe('remove', () => {
  test('takes both entries away with the last repository', async () => {
    await apply()
    const report = await world.run({ mode: 'remove', access: 'repository' })
    expect(wordsOf(report)).toMatchObject({
      permission: 'removed',
      entitlement: 'removed',
      identity: 'removed'
    })
    expect(entriesOfIdentity()).toEqual([])
  })

  test('leaves the one on the project while the identity reads another repository there, with the reason', async () => {
    const both = `${urlOf('app')}\n${urlOf('infra')}`
    await world.apply({ access: 'repository', 'repository-url': both, verification: 'none' })
    // Argo CD no longer reads it by the identity; that the identity may is still somebody's business.
    const { store } = world.twin.kubernetes
    for (const secret of store.list(SECRETS, 'argocd')) {
      const { url: encoded = '' } = (secret['data'] ?? {}) as Record<string, string>
      const url = Buffer.from(encoded, 'base64')
      if (url.toString() === urlOf('infra')) store.remove(SECRETS, 'argocd', secret.metadata.name)
    }
    const report = await world.run({ mode: 'remove', access: 'repository' })
    const permission = report.resources.find(({ resource }) => resource === 'permission')
    expect(permission?.result).toBe('removed')
    expect(permission?.summary).toBe(
      'removed; kept: View project-level information of shop: the member reads 1 other repository of the project'
    )
    expect(wordsOf(report)).toMatchObject({ entitlement: 'skipped', identity: 'skipped' })
    expect(entriesOfIdentity().toSorted()).toEqual(
      [`${projectToken().toLowerCase()} 1`, `${tokenOf('infra').toLowerCase()} ${READ}`].toSorted()
    )
    // The rest goes with the other repository.
    const rest = await world.run({ mode: 'remove', access: 'repository', 'repository-url': urlOf('infra') })
    expect(wordsOf(rest)).toMatchObject({
      permission: 'removed',
      entitlement: 'removed',
      identity: 'removed'
    })
    expect(entriesOfIdentity()).toEqual([])
  })

  test('takes Read out of an entry, and leaves what else is in it', async () => {
    await apply()
    world.twin.defect('entries-widened')
    await world.run({ mode: 'remove', access: 'repository' })
    expect(entriesOfIdentity().toSorted()).toEqual(
      [`${projectToken().toLowerCase()} 512`, `${tokenOf('app').toLowerCase()} 512`].toSorted()
    )
  })
})
