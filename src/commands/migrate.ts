/**
 * `mode: migrate`: builds and proves the chain for every repository that a stored credential serves, then switches the
 * Secrets to it: one canary, then bounded batches. What Argo CD does not confirm is put back.
 */
import type { Instance } from '../argocd/instance.ts'
import { restart, waitForRollout } from '../argocd/installs/rollout.ts'
import { batchesOf, canaryProblem, planMigration } from '../argocd/migration/plan.ts'
import { distinct } from '../argocd/migration/users.ts'
import { Backups } from '../chain/migration/backups.ts'
import { confirmSwitched, migrateBatch, type Ended, type Migrating } from '../chain/migration/batch.ts'
import type { MigrationLease } from '../chain/migration/lease.ts'
import { unreachable } from '../chain/migration/reachable.ts'
import { expired, sortBackups, switchedBy } from '../chain/migration/unfinished.ts'
import { look } from '../chain/migration/look.ts'
import type { Known } from '../chain/rights.ts'
import type { DesiredMigration } from '../config/desired.ts'
import { organizationsOf } from '../config/repository-rules.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl, type RepositoryUrl } from '../config/repository-url.ts'
import { Problem } from '../core/finding.ts'
import { explain } from '../diagnosis/explain.ts'
import type { Outcome } from '../engine/outcome.ts'
import { contextFor, hostOf, surveyed, withArgocd, type MigrationRun } from './migrating.ts'
import { Tracker } from './migration-tracker.ts'
import { reconcile } from './reconcile.ts'

export async function migrate(desired: DesiredMigration, run: MigrationRun): Promise<Outcome> {
  return withArgocd(desired, run, async (place, lease, before) => {
    const tracker = new Tracker(run, before, place.namespace, desired.remind)
    try {
      return await moveAll({ desired, run, place, lease, tracker })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // What was done so far is in the report; the next run sees the backups.
      return tracker.outcome([await explain(error)])
    }
  })
}

interface Moving {
  readonly desired: DesiredMigration
  readonly run: MigrationRun
  readonly place: Instance
  /** undefined in a rehearsal. */
  readonly lease: MigrationLease | undefined
  readonly tracker: Tracker
}

async function moveAll(moving: Moving): Promise<Outcome> {
  const { desired, run, place, lease, tracker } = moving
  const { services } = run.context
  const backups = new Backups(services.kubernetes(place.clusterId), place.namespace, desired.backupRetention)
  const found = await surveyed(desired, place, run)
  const sorted = sortBackups(found, found.secrets, hostOf(services))
  const swept = lease ? [...sorted.needless, ...expired(sorted, desired.backupRetention)] : []
  for (const backup of swept) await backups.delete(backup)
  const resumed = switchedBy(sorted.unfinished, found, hostOf(services))
  tracker.found(found, sorted, swept)
  tracker.resuming(resumed)
  const plan = planMigration(
    { ...found, namespace: place.namespace },
    { ...desired, urls: desired.urls, organizationOf: (url) => parsed(url, run.origin)[0]?.organization }
  )
  tracker.planned(plan)
  const unknown = canaryProblem(plan, desired)
  if (unknown) return tracker.outcome([unknown])
  const urls = [
    ...plan.batches.flat().flatMap(({ proof }) => proof),
    ...resumed.flatMap(({ move }) => move.urls)
  ]
  const named = distinct(urls).flatMap((url) => parsed(url, run.origin))
  if (named.length === 0) return tracker.outcome([])

  const absent = await unreachable(named, desired.access, services)
  const repositories = named.filter(({ url }) => !absent.some((one) => one.repository === url))
  tracker.withoutAccess(plan, absent)
  if (repositories.length === 0) return tracker.outcome([])
  const organizations = organizationsOf(repositories, () => undefined)
  let known: Known | undefined
  const outcome = await reconcile(
    { ...desired, mode: 'apply', repositories, organizations, connects: false, verification: 'access' },
    run.context,
    run.reporter,
    {
      ready(now) {
        known = now
      }
    }
  )
  tracker.chain(outcome)
  const { access } = outcome.verifications
  const { reading, pods } = known ?? {}
  if (!lease || !reading || !pods || !access) return tracker.outcome([])
  const refused = Object.values(access.repositories ?? {}).flatMap(({ problem }) => problem ?? [])
  tracker.withoutAccess(plan, refused)

  const step = tracker.step.bind(tracker)
  const context = contextFor(desired, run, { backups, lease, step }, { place, pods, reading })
  await run.reporter.phase('migrate', async () => {
    await context.asking.conditions.assertControlled()
    tracker.ended(await confirmSwitched(resumed, found, context))
    const left = batchesOf(tracker.movable(plan), desired)
    tracker.batches(left)
    for (const batch of left) {
      if (tracker.failed) break
      tracker.ended(await migrateBatch(batch, context))
    }
    if (desired.restart && !tracker.failed && tracker.moved.length > 0)
      tracker.ended(await fetchAgain(moving, context))
  })
  return tracker.outcome([])
}

/** New pods have no clones, so Argo CD fetches every repository: for people who want to see that. */
async function fetchAgain({ run, place, tracker }: Moving, context: Migrating): Promise<Map<string, Ended>> {
  const { services, policy } = run.context
  const api = services.kubernetes(place.clusterId)
  await restart(place, api)
  await waitForRollout(place, api, policy)
  const seen = await look(place, services)
  const { finished } = sortBackups(await context.backups.list(), seen.secrets, hostOf(services))
  const moved = finished.filter(({ secret }) => tracker.moved.includes(secret))
  return confirmSwitched(switchedBy(moved, seen, hostOf(services)), seen, context)
}

/** None for a URL that is no repository of Azure Repos. */
function parsed(url: string, origin: string | undefined): RepositoryUrl[] {
  try {
    return [parseRepositoryUrl(url, origin)]
  } catch (error) {
    if (error instanceof InvalidRepositoryUrl) return []
    throw error
  }
}
