/** Commands in a cluster on a bad day: of Azure, of the network, of the pod. */
import { describe, expect, test } from '@jest/globals'
import { has } from '../../sandbox/by-hand.ts'
import type { FaultKind } from '../../sandbox/journal.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ timeout: 2_500 })
/** Where a bad day meets a command: when it is sent, or when its result is asked for. */
const CELLS: readonly (readonly [kind: FaultKind, path: string])[] = [
  ['429', 'runCommand'],
  ['409', 'runCommand'],
  ['reset', 'runCommand'],
  ['503', 'commandResults'],
  ['reset', 'commandResults'],
  ['hang', 'commandResults']
]
const idsOf = ({ findings }: Report): string[] => findings.map(({ id }) => id)

;(has('kubectl') ? describe : describe.skip)('a check through commands', () => {
  test.each(CELLS)('passes over %s at %s', async (kind, path) => {
    await world.applied()
    world.twin.defect('no-route')
    world.twin.journal.order({ service: 'arm', path, kind })
    const report = await world.check({ verification: 'none' })
    expect(world.twin.journal.hits).toBe(1)
    expect(idsOf(report)).toEqual(['run-command/used'])
    expect(report.verdict.exitCode).toBe(0)
  })

  test('is red, without a drift that nobody saw, where Azure cuts the answers', async () => {
    await world.applied()
    for (const defect of ['no-route', 'run-command-cut']) world.twin.defect(defect)
    const report = await world.check({ verification: 'none' })
    expect(report.verdict.exitCode).toBe(1)
    expect(idsOf(report)).toContain('run-command/cut')
    expect(report.resources.filter(({ result }) => result === 'drifted' || result === 'missing')).toEqual([])
  })

  test('lost answers to writes: what was written twice is there once', async () => {
    world.twin.defect('no-route')
    world.twin.journal.order({ service: 'arm', path: 'commandResults', kind: 'reset', nth: 6, times: 4 })
    const report = await world.apply({ 'cluster-access': 'run-command', verification: 'none' })
    expect(report.verdict.exitCode).toBe(0)
    expect((await world.check({ 'cluster-access': 'run-command', verification: 'none' })).outputs.drift).toBe(
      'false'
    )
  })
})
