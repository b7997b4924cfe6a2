/** `mode: plan`: the jobs of a file, what the identities take, and what does not fit. */
import { describe, expect, test } from '@jest/globals'
import { identityFor, identityNames } from '../../src/config/targets/identities.ts'
import { azureMatrix } from '../../src/config/targets/matrix.ts'
import { markdownOf } from '../../src/report/markdown.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'
import { useTargetFiles } from './files.ts'

const world = useWorld({ shared: true })
const write = useTargetFiles()
const NOTHING = { cluster: '', 'resource-group': '', 'repository-url': '' }
const SUBSCRIPTION = (): string => world.twin.environment['AZURE_SUBSCRIPTION_ID'] ?? ''

/** @param head beside the list of targets */
function fileOf(count: number, head = '', defaults = ''): string {
  const lines = Array.from({ length: count }, (_none, nth) => `  - cluster: aks-${nth + 1}`)
  return write(`
${head}
defaults:
  repository-url:
    - https://dev.azure.com/contoso/shop/_git/app
    - https://dev.azure.com/fabrikam/bank/_git/ledger
${defaults}
targets:
${lines.join('\n')}
`)
}
const shared = (group = 'rg-identities'): string => `
  identity-name: id-argocd-fleet
  identity-resource-group: ${group}
  subscription-id: ${SUBSCRIPTION()}`
const plan = (targets: string, inputs = {}): Promise<Report> =>
  world.run({ ...NOTHING, mode: 'plan', targets, ...inputs })
const jobsOf = ({ outputs }: Report): { name: string; target: string }[] =>
  (JSON.parse(outputs.matrix) as { include: { name: string; target: string }[] }).include

describe('jobs', () => {
  test('one per target, with the digest of the plan; no service is asked', async () => {
    world.twin.journal.clear()
    const report = await plan(fileOf(3))
    const digest = report.target.plan ?? ''
    expect(digest).toMatch(/^[0-9a-f]{16}$/)
    expect(jobsOf(report)).toEqual(
      ['aks-1', 'aks-2', 'aks-3'].map((name) => ({ name, target: `${name}@${digest}` }))
    )
    expect(report.verdict).toEqual({
      exitCode: 0,
      summary: '3 targets in 3 jobs, with 3 identities and 6 Basic licenses. Nothing was written.'
    })
    expect(world.printed.join('\n')).toContain(
      'aks-2: Argo CD on aks-2, 2 repositories of contoso, fabrikam, as id-argocd-aks-2'
    )
    expect(world.twin.journal.entries).toEqual([])
  })

  test('300 clusters are 256 jobs at most: batches, each target in one of them', async () => {
    const targets = fileOf(300)
    const report = await plan(targets)
    const jobs = jobsOf(report)
    expect(jobs.length).toBeLessThanOrEqual(256)
    expect(jobs[0]).toEqual({ name: 'batch-1', target: `batch-1@${report.target.plan ?? ''}` })
    expect(new Set(report.fleet?.targets.map(({ job }) => job))).toEqual(
      new Set(jobs.map(({ name }) => name))
    )
    const batch = await world.check({
      ...NOTHING,
      targets,
      target: jobs[1]?.target ?? '',
      'subscription-id': ''
    })
    expect(batch.runs?.map(({ target }) => target.name)).toEqual(
      report.fleet?.targets.filter(({ job }) => job === 'batch-2').map(({ name }) => name)
    )
  })

  test('of some targets only', async () => {
    const report = await plan(fileOf(300), { target: 'aks-7\naks-9' })
    expect(jobsOf(report).map(({ name }) => name)).toEqual(['aks-7', 'aks-9'])
  })

  test('on Azure Pipelines they are an object by names that it accepts', () => {
    const job = (name: string) => ({ name, targets: [] })
    expect(azureMatrix([job('aks-1'), job('aks.1'), job('2nd')], 'd')).toEqual({
      aks_1: { name: 'aks-1', target: 'aks-1@d' },
      aks_1_2: { name: 'aks.1', target: 'aks.1@d' },
      t_2nd: { name: '2nd', target: '2nd@d' }
    })
  })

  test('the summary is a table of them', async () => {
    const text = markdownOf(await plan(fileOf(2)), 'mermaid')
    expect(text).toMatch(/^## ✅ Patless plan: 2 targets in 2 jobs/)
    expect(text).toContain('| **aks-1** |')
  })

  test('faults of any target are those of the plan', async () => {
    await expect(plan('')).rejects.toThrow(/targets: It is required/)
    await expect(plan('$(file)')).rejects.toThrow(/\$\(file\), which was never expanded/)
    await expect(plan(fileOf(2), { target: '${{ matrix.name }}' })).rejects.toThrow(
      /which was never expanded/
    )
    await expect(plan(fileOf(2, '', '  application-revision: main'))).rejects.toThrow(/application-name/)
  })
})

describe('shared identities', () => {
  test('a target keeps its identity, whoever comes or goes', () => {
    const names = identityNames('id', 5)
    const of = (count: number): Map<string, string> =>
      new Map(Array.from({ length: count }, (_none, nth) => [`t${nth}`, identityFor(`t${nth}`, names)]))
    const [before, after] = [of(60), of(61)]
    for (const [name, identity] of before) expect(after.get(name)).toBe(identity)
    expect(new Set(before.values())).toEqual(new Set(names))
  })

  test('one identity more takes targets, and moves none between the others', () => {
    const all = Array.from({ length: 200 }, (_none, nth) => `t${nth}`)
    const moved = all.filter(
      (name) => identityFor(name, identityNames('id', 10)) !== identityFor(name, identityNames('id', 11))
    )
    expect(moved.length).toBeGreaterThan(5)
    expect(moved.length).toBeLessThan(40)
    expect(new Set(moved.map((name) => identityFor(name, identityNames('id', 11))))).toEqual(
      new Set(['id-11'])
    )
  })

  test('the plan counts them: licenses by identity and organization', async () => {
    const report = await plan(fileOf(12, 'identities: 3', shared()))
    expect(report.fleet?.identities.map(({ name }) => name).toSorted()).toEqual([
      'id-argocd-fleet-1',
      'id-argocd-fleet-2',
      'id-argocd-fleet-3'
    ])
    expect(report.fleet?.identities.reduce((sum, { targets }) => sum + targets, 0)).toBe(12)
    expect(report.fleet?.licenses).toBe(6)
    expect(report.findings).toEqual([])
  })

  test.each([
    [17, 0, undefined],
    [18, 0, 'fleet/identity-nearly-full'],
    [20, 0, 'fleet/identity-nearly-full'],
    [21, 1, 'fleet/identity-full']
  ])('%i clusters on one identity', async (count, exitCode, id) => {
    const report = await plan(fileOf(count, '', shared()))
    expect(report.findings.map((finding) => finding.id)).toEqual(id === undefined ? [] : [id])
    expect(report.verdict.exitCode).toBe(exitCode)
    expect(report.outputs.matrix === '').toBe(exitCode === 1)
  })

  test('credentials of something else count, and are named', async () => {
    world.twin.reset()
    const group = world.twin.environment['SANDBOX_RESOURCE_GROUP'] ?? ''
    await world.apply({ 'identity-name': 'id-argocd-fleet', verification: 'none' })
    const report = await plan(fileOf(19, '', shared(group)))
    const [finding] = report.findings
    expect(finding?.id).toBe('fleet/identity-nearly-full')
    expect(finding?.summary).toMatch(/19 targets, and 1 of something else \(argocd-aks-gitops-/)
    const full = await plan(fileOf(20, '', shared(group)))
    expect(full.findings.map(({ id }) => id)).toEqual(['fleet/identity-full'])
  })

  test('a login that may not look is a warning, and the plan stands', async () => {
    const report = await plan(fileOf(5, '', shared()), {
      'client-id': '00000000-0000-0000-0000-000000000001'
    })
    expect(report.findings.map(({ id }) => id)).toEqual(['fleet/credentials-unknown'])
    expect(jobsOf(report)).toHaveLength(5)
  })

  test('without a name to number, or with a strange number', async () => {
    await expect(plan(fileOf(2, 'identities: 3'))).rejects.toThrow(/:2: identities needs a name to number/)
    await expect(plan(fileOf(2, 'identities: 0', shared()))).rejects.toThrow(
      /not a whole number from 1 to 500/
    )
  })
})

test('a thousand clusters: five round trips at most, in linear time', async () => {
  world.twin.journal.clear()
  const report = await plan(fileOf(1_000, 'identities: 90', shared()))
  const lists = world.twin.journal.entries.filter(({ path }) => path.includes('federatedIdentityCredentials'))
  expect(lists).toHaveLength(90)
  expect(jobsOf(report).length).toBeLessThanOrEqual(256)
})
