/** Many repositories in one run: each has its own outcome, and a bad one costs the others nothing. */
import { describe, expect, test } from '@jest/globals'
import { depthOf } from '../../bench/depth.ts'
import { IDS } from '../../sandbox/azure/state.ts'
import { wordsOf } from '../../sandbox/in-process.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'

const world = useWorld()

const urlOf = (name: string, project: string = IDS.project): string =>
  (world.twin.environment['SANDBOX_REPOSITORY_URL'] ?? '').replace(
    /[^/]+\/_git\/.*$/,
    `${encodeURIComponent(project)}/_git/${encodeURIComponent(name)}`
  )
const lines = (...urls: readonly string[]): Readonly<Record<string, string>> => ({
  'repository-url': urls.join('\n')
})
const resultsOf = ({ repositories }: Report): (string | undefined)[] =>
  repositories.map(
    ({ verifications: { access, argocd } }) => `${access?.result ?? ''} ${argocd?.result ?? ''}`
  )

describe('a URL that leads nowhere', () => {
  test.each([
    [
      'a repository',
      () => [urlOf('app'), urlOf('mis spelt'), urlOf('infra')],
      [1],
      'permission/repository-missing'
    ],
    [
      'a project',
      () => [urlOf('app', 'shpo'), urlOf('infra'), urlOf('infra', 'shpo')],
      [0, 2],
      'permission/project-missing'
    ]
  ])('%s: apply writes nothing, and says so at once', async (_name, urls, bad, id) => {
    const began = Date.now()
    const report = await world.apply(lines(...urls()))
    expect(Date.now() - began).toBeLessThan(10_000)
    expect(world.writes()).toEqual([])
    expect(report.verdict).toMatchObject({
      exitCode: 1,
      summary: 'Failed at the repository check. Nothing was written.'
    })
    const found = report.findings.filter((one) => one.id === id)
    expect(found.map(({ repository }) => repository)).toEqual(bad.map((at) => urls()[at]))
    for (const { summary, repository } of found) expect(summary).toContain(repository)
  })

  test('check verifies the others, and does not wait', async () => {
    const good = [urlOf('app'), urlOf('infra')]
    await world.apply(lines(...good))
    const began = Date.now()
    const report = await world.check(lines(urlOf('nowhere'), ...good, urlOf('app', 'shpo')))
    expect(Date.now() - began).toBeLessThan(10_000)
    expect(report.repositories.map(({ verifications: { access } }) => access?.result)).toEqual([
      'failed',
      'verified',
      'verified',
      'failed'
    ])
    const named = report.findings.filter(({ repository }) => repository !== undefined)
    expect(named.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toMatchObject([
      { id: 'permission/project-missing', repository: urlOf('app', 'shpo'), verification: 'access' },
      { id: 'permission/repository-missing', repository: urlOf('nowhere'), verification: 'access' }
    ])
    expect(report.verdict.exitCode).not.toBe(0)
  })

  test('a login that does not administer the organization only does not see it', async () => {
    await world.applied()
    world.twin.defect('devops-not-admin')
    const report = await world.apply(lines(urlOf('app'), urlOf('infra')))
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(wordsOf(report).connection).not.toBe('failed')
  })
})

test('a Deny on one of them is the outcome of that one; Argo CD is asked of the others only', async () => {
  const urls = [urlOf('app'), urlOf('infra')]
  await world.apply(lines(...urls))
  world.twin.defect('read-denied')
  const report = await world.check({ ...lines(...urls), 'verification-timeout': '2' })
  expect(resultsOf(report)).toEqual(['failed skipped', 'verified skipped'])
  const [finding] = report.findings.filter(({ verification }) => verification === 'access')
  expect(finding).toMatchObject({ id: 'azure-devops/repository-not-shown', repository: urls[0] })
  expect(finding?.summary).toContain(urls[0])
  expect(report.outputs['verification-reason']).toContain(urls[0])
})

test('fifty are verified side by side', async () => {
  world.twin.defect('fifty-repositories')
  const urls = Array.from({ length: 50 }, (_, index) => urlOf(`service-${index + 1}`))
  const report = await world.apply({ ...lines(...urls), verification: 'access' })
  expect(report.verification.result).toBe('verified')
  expect(report.repositories.map(({ verifications }) => verifications.access?.result)).toEqual(
    urls.map(() => 'verified')
  )
  world.twin.journal.latency = 50
  world.twin.journal.clear()
  await world.check({ ...lines(...urls), verification: 'access' })
  const reads = world.twin.journal.entries.filter(({ service }) => service === 'git')
  // Refs and one commit, in two requests each; git needs three, and reads one of them.
  expect(reads.length).toBeLessThanOrEqual(2 * urls.length + 1)
  // One after another they would be 100 deep.
  expect(depthOf(reads)).toBeLessThan(50)
  const lookups = world.twin.journal.entries.filter(({ path }) => path.includes('_apis/git/repositories'))
  expect(lookups).toEqual([])
})

test('what asking Argo CD needs is looked at once, however many repositories there are', async () => {
  const looked = async (...urls: readonly string[]): Promise<number> => {
    world.twin.reset()
    world.twin.defect('fifty-repositories')
    world.twin.journal.clear()
    expect((await world.apply(lines(...urls))).verification.result).toBe('verified')
    const about = /\/selfsubjectaccessreviews|\/statefulsets/
    return world.twin.journal.entries.filter(({ by, path }) => by === undefined && about.test(path)).length
  }
  const one = await looked(urlOf('service-1'))
  const four = await looked(...[1, 2, 3, 4].map((index) => urlOf(`service-${index}`)))
  expect(four).toBe(one)
})
