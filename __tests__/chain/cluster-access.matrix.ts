/** A cluster whose API server has no address here: a real kubectl runs in it what Azure is asked to run. */
import { describe, expect, test } from '@jest/globals'
import { has } from '../../sandbox/by-hand.ts'
import type { Report } from '../../src/report/report.ts'
import { storePat, urlOf } from '../migration/pats.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
const withKubectl = has('kubectl') ? describe : describe.skip
const COMMANDS = { 'cluster-access': 'run-command' }

const idsOf = ({ findings }: Report): string[] => findings.map(({ id }) => id)
withKubectl('a cluster without a way there', () => {
  test('is checked through commands, and says why; the verification of Argo CD decides', async () => {
    await world.apply()
    world.twin.defect('no-route')
    world.twin.journal.clear()
    const report = await world.check()
    expect(report.verdict.exitCode).toBe(0)
    expect(report.verification.result).toBe('verified')
    expect(report.verifications.access).toMatchObject({
      result: 'skipped',
      reason: expect.stringMatching(
        /^access as the identity was not tried, because its API server at localhost:9 /
      )
    })
    expect(report.verifications.argocd?.result).toBe('verified')
    expect(world.printed.join('\n')).toContain(
      'aks-gitops is read through commands that Azure runs in it: its API server at localhost:9 cannot be reached from here (it is private).'
    )
    expect(idsOf(report)).toEqual(['run-command/used'])
    expect(world.writes()).toEqual([])
    // What is asked at the same time is one pod.
    expect(world.twin.azure.commands().length).toBeLessThanOrEqual(3)
    expect(
      world.twin.journal.entries.filter(
        ({ service, path }) => service === 'kubernetes' && path.includes('/token')
      )
    ).toEqual([])
  })

  test('is not written by choice of Patless: one finding before anything is written, with the way out', async () => {
    world.twin.defect('no-route')
    const report = await world.apply()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.filter(({ severity }) => severity === 'error')).toMatchObject([
      { id: 'run-command/write-refused', remedy: expect.stringContaining('cluster-access: run-command') }
    ])
    expect(world.writes()).toEqual([])
  })

  test('keeps its credentials to itself: no migration, and no rehearsal of one', async () => {
    world.twin.defect('no-route')
    storePat(world, 'pat-1', urlOf(world, 'app'))
    const report = await world.run({ mode: 'migrate', 'repository-url': '', 'dry-run': 'true' })
    expect(report.verdict.exitCode).toBe(1)
    expect(idsOf(report)).toContain('run-command/not-migrated')
  })
})

test('with the direct way only, it is out of reach', async () => {
  world.twin.defect('no-route')
  const report = await world.check({ 'cluster-access': 'direct' })
  expect(idsOf(report)).toContain('cluster/out-of-reach')
  expect(world.twin.azure.commands()).toEqual([])
})

test.each([
  ['run-command-disabled', 'run-command/disabled', '--enable-run-command'],
  ['run-command-not-started', 'run-command/not-started', '200m CPU'],
  ['run-command-image', 'run-command/not-started', 'mcr.microsoft.com'],
  ['run-command-expires', 'run-command/expired', 'run again']
])('%s is one finding: %s', async (defect, id, said) => {
  for (const one of ['no-route', defect]) world.twin.defect(one)
  const { findings, verdict } = await world.check(COMMANDS)
  expect(verdict.exitCode).toBe(1)
  const found = findings.find((one) => one.id === id)
  expect(JSON.stringify(found)).toContain(said)
})
