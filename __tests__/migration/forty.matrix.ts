/** The whole of it: forty Secrets of every kind over twelve projects, of which only those are left that must stay. */
import { expect, test } from '@jest/globals'
import { makeOrganization, MUST_STAY, SECRET_COUNTS } from '../../sandbox/argocd/organization.ts'
import { useWorld } from '../world.ts'
import { APPLICATIONS, compared, statusOf } from './pats.ts'

const world = useWorld()

test('an organization with forty stored credentials is moved; Argo CD asks little for it', async () => {
  const { secrets } = makeOrganization(world.twin, 60)
  await compared(world)
  // A hydrated Application waits for its commit server.
  const names = world.twin.kubernetes.store
    .list(APPLICATIONS, 'argocd')
    .map(({ metadata }) => metadata.name)
    .filter((name) => name !== 'hydrated')
  world.twin.journal.clear()
  const report = await world.run({ mode: 'migrate', 'repository-url': '' })
  const { moves = [], after } = report.migration ?? {}
  const left = moves.filter(({ state }) => state !== 'migrated')
  const failed = moves.filter(({ state }) => ['failed', 'rolled-back', 'open'].includes(state))
  expect(failed.map(({ name, problem }) => [name, problem])).toEqual([])
  expect(moves).toHaveLength(secrets.length)
  expect(after).toBe(MUST_STAY)
  expect(left).toHaveLength(MUST_STAY)
  for (const { problem } of left) expect(problem).toBeDefined()
  // What other tools make could go: it is blocked until its source is changed.
  expect(moves.filter(({ state }) => state === 'waits')).toHaveLength(SECRET_COUNTS.ownedByOthers)
  expect(report.verdict.exitCode).toBe(2)
  // Argo CD reads for every Application, also for those of Secrets with a user name only, for which it could not before.
  for (const name of names) expect([name, statusOf(world, name).sync?.status]).not.toEqual([name, 'Unknown'])
  const refreshes = world.twin.journal.entries.filter(
    ({ by, method, path }) => by === undefined && method === 'PATCH' && path.includes('/applications/')
  )
  const byApplication = new Map<string, number>()
  for (const { path } of refreshes) byApplication.set(path, (byApplication.get(path) ?? 0) + 1)
  expect(Math.max(...byApplication.values())).toBeLessThanOrEqual(3)
}, 120_000)
