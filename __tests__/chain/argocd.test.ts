/** The Argo CD that is found: one, of a version that can, in a cluster that lets itself be read. */
import { describe, expect, test } from '@jest/globals'
import { versionChanges } from '../../src/chain/argocd-problems.ts'
import { useWorld } from '../world.ts'
import { describeBlocks, describeFailures } from './cases.ts'

const world = useWorld()
const argocd = { world, resource: 'argocd' } as const

describe('the version guard', () => {
  test.each(['2.14.21', '3.0.0', '3.0.6', '3.0.12', '3.1.0', '3.1.0-rc1'])('%s is refused', (version) => {
    const [change] = versionChanges(version)
    expect(change?.blocked?.remedy).toContain('upgrade Argo CD')
    expect(change?.blocked?.link).toMatch(/issues\/(13334|23478)$/)
  })

  test.each(['3.0.13', '3.1.1', '3.2.0', '3.2.0-rc1', '3.5.1', '4.0.0'])('%s is fine', (version) => {
    expect(versionChanges(version)).toEqual([])
  })

  test('an unknown version is not judged here', () => {
    expect(versionChanges(undefined)).toEqual([])
  })
})

describeBlocks(argocd, [
  ['argocd-3-1-0', /every fetch fails/, /upgrade Argo CD/],
  ['argocd-2-14', /has no workload identity/, /upgrade Argo CD/]
])

describeFailures(argocd, [
  ['arm-no-user-credential', /listClusterUserCredential/],
  ['argocd-absent', /no Argo CD repo-server/],
  ['two-argocds', /several Argo CD/],
  ['rbac-none', /is missing a permission in the cluster/]
])

test('two Argo CDs: the error lists them, argocd-namespace chooses', async () => {
  world.twin.defect('two-argocds')
  const report = await world.apply()
  expect(report.findings[0]?.actual).toMatch(
    /^argocd\/argocd-repo-server \(.*Service argocd-repo-server.*\); argocd-team\/argocd-repo-server \(/
  )
  expect((await world.apply({ 'argocd-namespace': 'argocd' })).outputs.verification).toBe('verified')
})
