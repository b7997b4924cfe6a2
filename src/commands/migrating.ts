/** What the two modes that move Secrets share: the Argo CD of the run, the rights that are needed, the Lease. */
import type { Instance } from '../argocd/instance.ts'
import type { Migrating } from '../chain/migration/batch.ts'
import type { Asking } from '../chain/migration/confirm.ts'
import { MigrationLease } from '../chain/migration/lease.ts'
import type { Place } from '../chain/migration/look.ts'
import { survey, type Survey } from '../chain/migration/survey.ts'
import { AskingConditions } from '../chain/verifications/asking-conditions.ts'
import { runChain } from '../chain/graph.ts'
import { clusterRights } from '../chain/missing-rights.ts'
import { MIGRATES } from '../chain/permissions.ts'
import type { ChainGraph } from '../chain/resource.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { DesiredMigration } from '../config/desired.ts'
import { Graph, type RunContext } from '../engine/graph.ts'
import { outcomeOf } from '../engine/judge.ts'
import type { Outcome } from '../engine/outcome.ts'
import type { Reporter } from '../report/events.ts'
import { Leases } from '../services/kubernetes/leases.ts'
import type { Services } from '../services/services.ts'

/** Of a run that reads nothing as the identity. */
export const NO_PODS = { count: 0, clientId: '', askers: [], unseen: undefined, fingerprint: {}, changes: [] }

export interface MigrationRun {
  readonly context: RunContext<Services>
  readonly reporter: Pick<Reporter, 'phase' | 'on'>
  /** How a waiting run sees this one, for example the URL of its job. */
  readonly holder: string
  /** Another origin of Azure DevOps (AZURE_DEVOPS_URL). */
  readonly origin: string | undefined
}

/**
 * Finds Argo CD, checks the rights, and keeps other migrations out while `work` runs. A rehearsal only finds Argo CD.
 *
 * @param work gets no Lease in a rehearsal, and the outcome of what was read so far
 */
export async function withArgocd(
  desired: DesiredMigration,
  { context, reporter, holder }: MigrationRun,
  work: (instance: Instance, lease: MigrationLease | undefined, before: Outcome) => Promise<Outcome>
): Promise<Outcome> {
  const { services, policy, done } = context
  const graph: ChainGraph = new Graph({ ...context, done: () => undefined })
  const known = await reporter.phase('read', () =>
    runChain(
      graph,
      { ...desired, mode: 'check', repositories: [], connects: false, verification: 'none' },
      services,
      policy
    )
  )
  const { instance } = known
  const before = { ...(await outcomeOf(modeOf(desired), graph, [])), resources: [] }
  if (!instance) {
    const failed = graph.resources.filter(({ resource }) => resource === 'cluster' || resource === 'argocd')
    failed.forEach(done)
    return { ...before, resources: failed }
  }
  const commands = services.kubernetes(instance.clusterId).reach.commandsBecause
  if (commands !== undefined) return { ...before, problems: [notThroughCommands(desired.mode, commands)] }
  if (desired.dryRun) return work(instance, undefined, before)
  const { missing } = await reporter.phase('rights', () =>
    clusterRights(MIGRATES, 'connection', instance, services)
  )
  if (missing.length > 0) return { ...before, problems: missing.map(withBothRoles) }
  const api = services.kubernetes(instance.clusterId)
  let lease: MigrationLease
  try {
    lease = await MigrationLease.acquire(new Leases(api), instance.namespace, holder, policy)
  } catch (error) {
    return { ...before, problems: [await context.explain(error)] }
  }
  try {
    return await work(instance, lease, before)
  } finally {
    // It expires by itself: whether it can be given back says nothing about the run.
    await lease.release(new Leases(api.outlasting())).catch(() => undefined)
  }
}

export function modeOf({ mode, dryRun }: DesiredMigration): Outcome['mode'] {
  return dryRun ? 'dry-run' : mode
}

/** Host of Azure DevOps, with its port. */
export function hostOf({ endpoints }: Services): string {
  return new URL(endpoints.devops).host
}

export function surveyed(
  desired: DesiredMigration,
  place: Place,
  { context, reporter }: MigrationRun
): Promise<Survey> {
  const of = { cluster: desired.cluster.name, host: hostOf(context.services) }
  return reporter.phase('audit', () => survey(place, of, context.services))
}

/** @param asking what Argo CD is asked with, and compared with */
export function contextFor(
  { verificationTimeout }: Pick<DesiredMigration, 'verificationTimeout'>,
  { context: { services, policy }, reporter }: MigrationRun,
  of: Pick<Migrating, 'backups' | 'lease' | 'step'>,
  { place, pods, reading }: Pick<Asking, 'place' | 'pods' | 'reading'>
): Migrating {
  return {
    ...of,
    services,
    policy: () => ({ ...policy, deadline: Math.min(policy.deadline, Date.now() + verificationTimeout) }),
    asking: {
      place,
      pods,
      reading,
      conditions: new AskingConditions(place, services),
      report: (finding) => {
        reporter.on({ kind: 'warning', finding })
      }
    }
  }
}

function withBothRoles(facts: FindingFacts): FindingFacts {
  const role = 'docs/permissions/kubernetes-role.yaml'
  const both = `${role} and docs/permissions/kubernetes-role-migrate.yaml`
  return { ...facts, remedy: facts.remedy.replace(role, both) }
}

function notThroughCommands(mode: DesiredMigration['mode'], why: string): FindingFacts {
  return {
    id: 'run-command/not-migrated',
    summary: `${mode} moves stored credentials, and ${why}: they do not go through commands that Azure keeps.`,
    expected: 'an API server that can be reached from here',
    actual: 'commands that Azure runs in the cluster',
    remedy: 'run it on a runner in the network of the cluster',
    link: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  }
}
