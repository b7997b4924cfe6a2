/** What every resource of the chain promises, in its own cases: a defect of the twin, and what is reported about it. */
import { describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorldUnderTest } from '../../sandbox/in-process.ts'
import type { ResourceKind } from '../../src/core/finding-titles.ts'

interface Subject {
  readonly world: WorldUnderTest
  readonly resource: ResourceKind
}

/** Drift, with the field that differs, which apply fixes. */
export function describeDrift(
  { world, resource }: Subject,
  cases: readonly (readonly [defect: string, field: RegExp])[]
): void {
  describe('drift that apply fixes', () => {
    test.each(cases)('%s', async (defect, field) => {
      await world.applied()
      world.twin.defect(defect)
      const drift = await world.check()
      expect(drift.verdict.exitCode).toBe(2)
      expect(drift.outputs).toMatchObject({ drift: 'true', verification: 'failed' })
      const found = drift.resources.find((one) => one.resource === resource)
      expect(['drifted', 'missing']).toContain(found?.result)
      expect(found?.differences.map((difference) => difference.field).join('\n')).toMatch(field)
      const fixed = await world.apply({ verification: 'access' })
      expect(fixed.verdict.summary).toBe('Changed, verified.')
      expect((await world.check({ verification: 'none' })).outputs).toMatchObject({ drift: 'false' })
    })
  })
}

/** What apply must not touch, with the reason and the remedy. */
export function describeBlocks(
  { world, resource }: Subject,
  cases: readonly (readonly [defect: string, reason: RegExp, remedy: RegExp])[],
  inputs: Readonly<Record<string, string>> = {}
): void {
  describe('what apply must not touch stops it before the first write', () => {
    test.each(cases)('%s', async (defect, reason, remedy) => {
      await world.apply({ ...inputs, verification: 'none' })
      world.twin.defect(defect)
      world.twin.journal.clear()
      const refused = await world.apply(inputs)
      expect(refused.verdict.exitCode).toBe(1)
      expect(refused.outputs.verification).not.toBe('verified')
      const problem = refused.findings.find((one) => one.resource === resource)
      expect(problem?.summary).toMatch(reason)
      expect([problem?.remedy, problem?.command].join(' ')).toMatch(remedy)
      expect(world.writes()).toEqual([])
      const checked = await world.check(inputs)
      expect(checked.verdict.exitCode).toBe(2)
      expect(checked.outputs.verification).not.toBe('verified')
    })
  })
}

/** What a first apply fails at, with the reason. */
export function describeFailures(
  { world, resource }: Subject,
  cases: readonly (readonly [defect: string, reason: RegExp])[]
): void {
  describe('failures name the resource, the reason and the remedy', () => {
    test.each(cases)('%s: %s', async (defect, reason) => {
      world.twin.defect(defect)
      const report = await world.apply()
      expect(report.verdict.exitCode).toBe(1)
      const problem = report.findings.find((one) => one.resource === resource)
      expect(problem?.summary).toMatch(reason)
      expect(problem?.remedy.length).toBeGreaterThan(10)
      expect(world.writes()).toEqual([])
      expect(report.outputs.verification).not.toBe('verified')
    })
  })
}

/** What somebody broke by hand after it worked: never verified, and the right one is named. Several defects by a plus. */
export function describeBroken(
  { world, place }: { readonly world: WorldUnderTest; readonly place: ResourceKind | 'argocd' },
  cases: readonly (readonly [defects: string, what: RegExp])[]
): void {
  describe('after it worked, a check is not verified', () => {
    test.each(cases)('%s', async (defects, what) => {
      await world.applied()
      for (const defect of defects.split('+')) world.twin.defect(defect)
      // Pods that a defect restarts are there again.
      await sleep(120)
      const report = await world.check()
      expect(report.outputs.verification).not.toBe('verified')
      const named = report.findings
        .filter(({ resource, verification }) => (resource ?? verification) === place)
        .map((one) => one.summary)
      expect(named.join('\n')).toMatch(what)
    })
  })
}
