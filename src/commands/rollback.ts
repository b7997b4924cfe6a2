/** `mode: rollback`: puts back the credentials that a migration took out, as long as their backups exist, and confirms it. */
import { sameUrl } from '../argocd/urls.ts'
import { Backups } from '../chain/migration/backups.ts'
import { rollBack, type Switched } from '../chain/migration/batch.ts'
import { ANY_COMMIT } from '../chain/verifications/unread.ts'
import { sortBackups, switchedBy } from '../chain/migration/unfinished.ts'
import type { DesiredMigration } from '../config/desired.ts'
import { mapBounded } from '../core/concurrency.ts'
import { Problem } from '../core/finding.ts'
import { explain } from '../diagnosis/explain.ts'
import type { Outcome } from '../engine/outcome.ts'
import { contextFor, hostOf, NO_PODS, surveyed, withArgocd, type MigrationRun } from './migrating.ts'
import { Tracker } from './migration-tracker.ts'

export async function rollback(desired: DesiredMigration, run: MigrationRun): Promise<Outcome> {
  return withArgocd(desired, run, async (place, lease, before) => {
    const tracker = new Tracker(run, before, place.namespace)
    const { services } = run.context
    try {
      const backups = new Backups(services.kubernetes(place.clusterId), place.namespace)
      const found = await surveyed(desired, place, run)
      const sorted = sortBackups(found, found.secrets, hostOf(services))
      const concerned = ({ move }: Switched): boolean =>
        desired.urls.length === 0 || desired.urls.some((one) => move.urls.some((url) => sameUrl(url, one)))
      const gone = sorted.orphans
        .filter(({ secret }) => !found.secrets.has(secret))
        .map((backup) => ({ move: { secret: backup.secret, urls: [] }, backup }))
      const switched = switchedBy([...sorted.unfinished, ...sorted.finished], found, hostOf(services))
      const due = [...switched, ...gone].filter(concerned)
      tracker.returning(due, sorted)
      if (!lease) return tracker.outcome([])
      const step = tracker.step.bind(tracker)
      // Nothing of the identity is needed to go back.
      const asking = { place, pods: NO_PODS, reading: ANY_COMMIT }
      const context = contextFor(desired, run, { backups, lease, step }, asking)
      await run.reporter.phase('rollback', () =>
        mapBounded(due, async (one) => {
          tracker.ended(new Map([[one.move.secret, await rollBack(one, undefined, context, 'recreate')]]))
        })
      )
      for (const backup of sorted.needless) await backups.delete(backup)
      return tracker.outcome([])
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return tracker.outcome([await explain(error)])
    }
  })
}
