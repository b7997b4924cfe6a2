/** What stands between a token and git: a check tries once, and says what. */
import { afterEach, describe, expect, test } from '@jest/globals'
import { passTime, resetTime } from '../../../sandbox/clock.ts'
import type { Forgery } from '../../../sandbox/journal.ts'
import type { Report } from '../../../src/report/report.ts'
import { useWorld } from '../../world.ts'

const world = useWorld()

describe('the proof says what stands between', () => {
  afterEach(resetTime)
  /** A check of access that is tried once: half a minute, which is all it has, passes while git asks. */
  const checkedOnce = (): Promise<Report> => {
    const forge: Forgery['forge'] = (_call, real) => {
      passTime(28_000)
      return real()
    }
    world.twin.journal.forge({ service: 'git', times: 1, forge })
    return world.check()
  }

  test.each([
    ['repository-disabled', /does not show the repository/],
    ['repository-deleted', /There is no repository app in project shop/],
    ['repository-empty', /no refs/],
    ['read-denied', /does not show the repository/],
    ['git-signin-page', /no refs|sign-in page/],
    ['git-redirect', /redirect/]
  ])('%s', async (defect, reason) => {
    await world.applied()
    world.twin.defect(defect)
    const report = await checkedOnce()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.outputs).toMatchObject({ drift: 'false', verification: 'failed' })
    expect(report.verification.reason).toMatch(reason)
    const problem = report.findings.find(({ verification }) => verification === 'access')
    expect(problem?.remedy.length).toBeGreaterThan(10)
  })

  test('a redirect is not followed: no token reaches the other host', async () => {
    await world.applied()
    world.twin.defect('git-redirect')
    world.twin.journal.clear()
    await checkedOnce()
    expect(world.twin.journal.entries.some(({ path }) => path.includes('elsewhere'))).toBe(false)
  })
})
