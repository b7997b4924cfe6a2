/** The permission: what the member may read. */
import { expect, test } from '@jest/globals'
import { useWorld } from '../world.ts'
import { describeBlocks, describeDrift } from './cases.ts'

const world = useWorld()
const permission = { world, resource: 'permission' } as const

describeDrift(permission, [['not-a-reader', /Readers of shop/]])

describeBlocks(permission, [['read-denied', /denied/, /remove the Deny/]], { access: 'repository' })

test('access: repository gives Read on the one repository, and shows its project', async () => {
  const report = await world.apply({ access: 'repository' })
  expect(report.outputs).toMatchObject({ verification: 'verified' })
  interface Entries {
    readonly token: string
    readonly entries: Readonly<Record<string, { allow: number }>>
  }
  const { azure } = world.twin.state() as {
    azure: { members: { groups: string[] }[]; entries: readonly Entries[] }
  }
  const { projectId, repositoryId } = world.twin.azure.ids
  expect(
    azure.entries.map(({ token, entries }) => [token, Object.values(entries).map(({ allow }) => allow)])
  ).toEqual([
    [`repov2/${projectId}/${repositoryId}`, [2]],
    [`$project:vstfs:///classification/teamproject/${projectId}`, [1]]
  ])
  expect(azure.members.flatMap(({ groups }) => groups)).toEqual([])
  expect((await world.check({ access: 'repository' })).outputs.drift).toBe('false')
})
