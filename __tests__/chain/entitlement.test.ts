/** The entitlement: the identity as a member of the organization. */
import { describe, expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { useWorld } from '../world.ts'
import { describeDrift } from './cases.ts'
import { summaryOf } from './words.ts'

const world = useWorld()

describeDrift({ world, resource: 'entitlement' }, [
  ['not-a-member', /member/],
  ['stakeholder', /access level/],
  ['member-disabled', /status/]
])

test('an organization of another tenant is reported with both tenants', async () => {
  world.twin.defect('organization-other-tenant')
  const report = await world.apply()
  const problem = report.findings.find(({ resource }) => resource === 'entitlement')
  expect(report.verdict.exitCode).toBe(1)
  expect(problem?.summary).toMatch(/another Entra tenant/)
  expect(problem?.expected).toBe(world.twin.azure.ids.tenantId)
})

describe('remove leaves, and says why,', () => {
  test('a member that is in other projects', async () => {
    await world.applied()
    world.twin.defect('member-of-another-project')
    const report = await world.remove()
    expect(wordsOf(report)).toMatchObject({
      entitlement: 'skipped',
      permission: 'removed',
      identity: 'skipped'
    })
    expect(summaryOf(report, 'identity')).toContain('the entitlement needs it and is kept')
    expect(summaryOf(report, 'entitlement')).toMatch(/also in the projects/)
  })
})
