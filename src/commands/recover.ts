/**
 * What an earlier migration left in the cluster. A run that writes takes the Lease and finishes what a killed one began, or
 * puts it back, before its own first write, and deletes backups that are old enough. Any other run reports it.
 */
import { Backups } from '../chain/migration/backups.ts'
import { confirmSwitched, type Ended } from '../chain/migration/batch.ts'
import { ANY_COMMIT } from '../chain/verifications/unread.ts'
import { MigrationLease } from '../chain/migration/lease.ts'
import { look } from '../chain/migration/look.ts'
import { expired, leftBackups, sortBackups, switchedBy, type Sorted } from '../chain/migration/unfinished.ts'
import { clusterRights } from '../chain/missing-rights.ts'
import { MIGRATES } from '../chain/permissions.ts'
import type { Known } from '../chain/rights.ts'
import type { Backup } from '../argocd/migration/backup.ts'
import type { Instance } from '../argocd/instance.ts'
import type { DesiredChain } from '../config/desired.ts'
import { note, Problem, warning, type Finding, type FindingFacts } from '../core/finding.ts'
import { Leases } from '../services/kubernetes/leases.ts'
import { contextFor, hostOf, NO_PODS, type MigrationRun } from './migrating.ts'
import { NOTHING_LEFT, type Recovery } from './recovery.ts'

/** @param options `writes`: false for a run that only reports */
export async function recover(
  known: Known,
  desired: Pick<DesiredChain, 'verificationTimeout'>,
  run: MigrationRun,
  { writes }: { readonly writes: boolean }
): Promise<Recovery> {
  const { left, instance } = known
  if (!left || !instance) return NOTHING_LEFT
  const { services, explain } = run.context
  try {
    const { secrets } = await look(instance, services)
    const sorted = sortBackups(left, secrets, hostOf(services))
    const findings = leftBackups(sorted, instance.namespace)
    if (!writes || (sorted.unfinished.length === 0 && outdated(sorted).length === 0))
      return { ...NOTHING_LEFT, findings }
    const { missing } = await clusterRights(MIGRATES, 'connection', instance, services)
    if (missing.length > 0) return { ...NOTHING_LEFT, findings: findings.map(withRole) }
    return await run.reporter.phase('recover', () => underLease(instance, known, desired, run))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { ...NOTHING_LEFT, problems: [await explain(error)] }
  }
}

/** Backups that have nothing to give back any more. */
function outdated(sorted: Sorted): Backup[] {
  return [...sorted.needless, ...expired(sorted)]
}

async function underLease(
  instance: Instance,
  { pods = NO_PODS }: Known,
  desired: Pick<DesiredChain, 'verificationTimeout'>,
  run: MigrationRun
): Promise<Recovery> {
  const { services, policy, started } = run.context
  const { namespace, clusterId } = instance
  const api = services.kubernetes(clusterId)
  const lease = await MigrationLease.acquire(new Leases(api), namespace, run.holder, policy)
  try {
    // Another run may have finished it meanwhile.
    const backups = new Backups(api, namespace)
    const [kept, seen] = [await backups.list(), await look(instance, services)]
    const sorted = sortBackups(kept, seen.secrets, hostOf(services))
    const swept = outdated(sorted)
    for (const backup of swept) {
      await lease.assertHeld()
      await backups.delete(backup)
    }
    const step: Parameters<typeof contextFor>[2]['step'] = (name, step, text) => {
      const at = Date.now() - started
      run.reporter.on({ kind: 'move', step: { name, step, batch: 0, batches: 0, text, at } })
    }
    // A forced refresh shows whether Argo CD reads; what the identity can read was verified before the switch.
    const asking = { place: instance, pods, reading: ANY_COMMIT }
    const context = contextFor(desired, run, { backups, lease, step }, asking)
    const resumed = switchedBy(sorted.unfinished, seen, hostOf(services))
    if (resumed.length > 0) await context.asking.conditions.assertControlled()
    const ended = await confirmSwitched(resumed, seen, context)
    const stays = {
      ...sorted,
      unfinished: [],
      finished: sorted.finished.filter((one) => !swept.includes(one))
    }
    const results = [...ended].map(([secret, one]) => resultOf(secret, one, namespace))
    return {
      findings: [
        ...results.flatMap(({ finding }) => finding ?? []),
        ...leftBackups({ ...stays, needless: [] }, namespace)
      ],
      problems: results.flatMap(({ problem }) => problem ?? []),
      changed: [...ended.values()].some(({ state }) => state === 'rolled-back')
    }
  } finally {
    await lease.release(new Leases(api.outlasting())).catch(() => undefined)
  }
}

function resultOf(
  secret: string,
  { state, problem }: Ended,
  namespace: string
): { readonly finding?: Finding; readonly problem?: FindingFacts } {
  const unconfirmed = problem?.id === 'migration/rollback-not-confirmed'
  if (problem && (state === 'failed' || unconfirmed)) return { problem }
  const what = `A migration was killed after it took the credentials out of the Secret ${namespace}/${secret}`
  const object = `Secret ${namespace}/${secret}`
  if (state === 'migrated')
    return {
      finding: note({
        id: 'migration/recovered',
        summary: `${what}; this run saw Argo CD read without them, so the move is finished.`,
        remedy: 'nothing',
        object
      })
    }
  return {
    finding: warning({
      id: 'migration/recovered',
      summary: `${what}; this run put them back and saw Argo CD read with them.${problem ? ` Without them it could not: ${problem.summary}` : ''}`,
      remedy: problem?.remedy ?? 'migrate it again',
      object
    })
  }
}

function withRole(finding: Finding): Finding {
  if (finding.id !== 'migration/unfinished') return finding
  const role = 'docs/permissions/kubernetes-role-migrate.yaml'
  return { ...finding, remedy: `${finding.remedy}; with ${role} this run would have done it itself` }
}
