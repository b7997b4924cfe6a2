/** Several targets in one process: each has a report of its own, and so has all of it. */
import { expect, test } from '@jest/globals'
import { useWorld } from '../world.ts'
import { useTargetFiles } from './files.ts'

const world = useWorld()
const write = useTargetFiles()
const FROM_FILE = { cluster: '', 'resource-group': '', 'repository-url': '' }

function fileOf(targets: readonly string[]): string {
  const { environment } = world.twin
  return write(`
defaults:
  repository-url: ${environment['SANDBOX_REPOSITORY_URL'] ?? ''}
  resource-group: ${environment['SANDBOX_RESOURCE_GROUP'] ?? ''}
  verification: access
targets:
${targets.map((one) => `  - {${one}}`).join('\n')}
`)
}
const real = (): string => `name: north, cluster: ${world.twin.environment['SANDBOX_CLUSTER'] ?? ''}`

test('the failure of one is its own: the others are in order, and the run ends with the worst', async () => {
  await world.applied()
  world.twin.journal.clear()
  const targets = fileOf(['name: gone, cluster: aks-gone', real()])
  const report = await world.check({ ...FROM_FILE, targets })
  expect(report.verdict).toEqual({ exitCode: 1, summary: '2 targets: 1 in order, 1 failed (gone).' })
  expect(report.outputs).toMatchObject({ failed: '1', drifted: '0', verified: '1' })
  expect(report.runs?.map(({ target, verdict }) => [target.name, verdict.exitCode])).toEqual([
    ['gone', 1],
    ['north', 0]
  ])
  expect(report.findings.filter(({ severity }) => severity === 'error')).toMatchObject([
    { target: 'gone', resource: 'cluster' }
  ])
  expect(world.printed.join('\n')).toMatch(/^north: .*cluster/m)
  expect(world.writes()).toEqual([])
  // Both log in once: a token for each of Azure, Azure DevOps and the cluster.
  const tokens = world.twin.journal.entries.filter(
    ({ service, path }) => service === 'entra' && path.includes('/token')
  )
  expect(tokens.length).toBeLessThanOrEqual(4)
})

test('apply on all, then the targets of a job alone', async () => {
  const targets = fileOf([real(), 'name: gone, cluster: aks-gone'])
  const report = await world.apply({ ...FROM_FILE, targets, concurrency: '1' })
  expect(report.outputs).toMatchObject({ changed: 'true', failed: '1', verified: '1' })
  const { plan = '' } = report.target
  const one = await world.check({ ...FROM_FILE, targets, target: `north@${plan}` })
  expect(one).toMatchObject({ verdict: { exitCode: 0 }, target: { name: 'north', plan } })
})

test('a file that changed after the plan is refused before the first request', async () => {
  const targets = fileOf([real(), 'name: south, cluster: aks-south'])
  world.twin.journal.clear()
  await expect(world.apply({ ...FROM_FILE, targets, target: 'north@0123456789abcdef' })).rejects.toThrow(
    /target: \S* is not the file that was planned: the plan was 0123456789abcdef, the file is [0-9a-f]{16} now/
  )
  expect(world.twin.journal.entries).toEqual([])
})

test('faults of all targets are in one message, those of the run once', async () => {
  const targets = fileOf([
    'name: a, cluster: aks-a, application-revision: main',
    'name: b, cluster: aks-b, kubeconfig: /nowhere/b'
  ])
  const inputs = { ...FROM_FILE, targets, concurrency: '0' }
  await expect(world.apply(inputs)).rejects.toThrow(
    /3 inputs are invalid[\s\S]*application-name[\s\S]*kubeconfig of b/
  )
})
