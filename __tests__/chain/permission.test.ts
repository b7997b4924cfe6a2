/** The permission: what the member may read. */
import { expect, test } from '@jest/globals'
import { useWorld } from '../world.ts'
import { describeBlocks, describeDrift } from './cases.ts'

const world = useWorld()
const permission = { world, resource: 'permission' } as const

describeDrift(permission, [['not-a-reader', /Readers of shop/]])

describeBlocks(permission, [['read-denied', /denied/, /remove the Deny/]], { access: 'repository' })

test('access: repository gives Read on the one repository, not on the project', async () => {
  const report = await world.apply({ access: 'repository' })
  expect(report.outputs).toMatchObject({ verification: 'verified' })
  const { azure } = world.twin.state() as { azure: { members: { groups: string[] }[]; entries: unknown[] } }
  expect(azure.entries).toHaveLength(1)
  expect(azure.members.flatMap(({ groups }) => groups)).toEqual([])
  expect((await world.check({ access: 'repository' })).outputs.drift).toBe('false')
})
