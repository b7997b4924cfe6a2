/**
 * `mode: plan`: what would be done where, for all targets of a file, and the jobs that do it. Nothing of a cluster is
 * read; only of identities that several targets share, their federated credentials, since Entra allows 20 of each.
 */
import type { Desired, DesiredChain } from '../config/desired.ts'
import { InvalidInputs } from '../config/inputs.ts'
import { jobsOf, MOST_JOBS, type Job } from '../config/targets/batches.ts'
import type { FileTarget } from '../config/targets/target.ts'
import { azureMatrix, githubMatrix } from '../config/targets/matrix.ts'
import { selectTargets } from '../config/targets/select.ts'
import type { Fleet } from '../config/targets/targets.ts'
import { toJsonOutput } from '../core/safe-text.ts'
import { count, fleetPlanLines } from '../report/fleet-plan-text.ts'
import type { FleetPlan } from '../report/fleet-plan.ts'
import { fleetReportOf } from '../report/fleet.ts'
import type { Report } from '../report/report.ts'
import { publishable } from './around.ts'
import { budgetOf, type Budget } from './credential-budget.ts'
import { withFleet } from './fleet.ts'
import type { InputHost } from './run.ts'
import { desiredOf } from './targets.ts'

/** @throws {InvalidInputs} for faults of the file or of the inputs beside it */
export function planTargets(host: InputHost): Promise<Report> {
  const startedAt = Date.now()
  // As apply would read it: the mode that needs most of a target.
  const given = new Map(host.given).set('mode', 'apply')
  return withFleet(host, (fleet) => planOf(fleet, given, startedAt, host))
}

function planOf(
  fleet: Fleet,
  given: ReadonlyMap<string, string>,
  startedAt: number,
  host: InputHost
): Promise<Report> {
  const targets = selectTargets(fleet, given.get('target') ?? '')
  const desired = desiredOf(fleet, targets, { ...host, given }).filter(isChain)
  const jobs = jobsFor(targets, fleet)
  return publishable(host, async ({ path, redaction, signal }) => {
    const mask = (secret: string): void => {
      redaction.add(secret)
      host.mask(secret)
    }
    const budget = await host.reporter.phase('login', () => budgetOf(desired, { ...host, mask }, signal))
    const plan = planned(desired, jobs, budget)
    for (const text of fleetPlanLines(plan)) host.reporter.on({ kind: 'info', text })
    for (const finding of budget.findings) host.reporter.on({ kind: 'warning', finding })
    return reportOf(plan, fleet, jobs, {
      startedAt,
      path,
      budget,
      isAzure: host.hostKind === 'azure-pipelines'
    })
  })
}

/** A batch is one of the whole file, since its job finds its targets by the number. */
function jobsFor(targets: readonly FileTarget[], fleet: Fleet): Job[] {
  if (targets.length <= MOST_JOBS || targets.length === fleet.targets.length) return jobsOf(targets)
  const problem = `It names ${targets.length} targets, and a matrix has at most ${MOST_JOBS} jobs.`
  const remedy = 'Plan all targets, which makes batches, or fewer of them.'
  throw new InvalidInputs([{ input: 'target', problem, remedy }])
}

function isChain(desired: Desired): desired is DesiredChain {
  return desired.mode === 'apply'
}

function planned(desired: readonly DesiredChain[], jobs: readonly Job[], { identities }: Budget): FleetPlan {
  const jobNames = new Map(
    jobs.flatMap(({ name, targets }) => targets.map((one) => [one.name, name] as const))
  )
  const licenses = new Set(
    desired.flatMap((one) =>
      one.organizations.map(({ name }) => `${identities.keyOf(one)} ${name.toLowerCase()}`)
    )
  )
  return {
    targets: desired.map(({ target, cluster, identity, organizations, repositories }) => {
      const name = target?.name ?? cluster.name
      return {
        name,
        cluster: cluster.name,
        identity: identity.name,
        organizations: organizations.map((one) => one.name),
        repositories: repositories.length,
        job: jobNames.get(name) ?? name
      }
    }),
    identities: identities.planned,
    licenses: licenses.size,
    jobs: jobs.length
  }
}

function reportOf(
  plan: FleetPlan,
  { digest }: Fleet,
  jobs: readonly Job[],
  about: {
    readonly startedAt: number
    readonly path: string
    readonly budget: Budget
    readonly isAzure: boolean
  }
): Report {
  const { startedAt, path, budget, isAzure } = about
  const { findings, login } = budget
  const report = fleetReportOf([], {
    mode: 'plan',
    plan: digest,
    startedAt,
    login,
    path,
    findings,
    silent: []
  })
  const isFull = findings.some(({ severity }) => severity === 'error')
  const takes = `${count(plan.identities.length, 'identity', 'identities')} and ${count(plan.licenses, 'Basic license', 'Basic licenses')}`
  const summary = `${count(plan.targets.length, 'target', 'targets')} in ${count(plan.jobs, 'job', 'jobs')}, with ${takes}${isFull ? '; an identity has no room' : ''}. Nothing was written.`
  const matrix = isAzure ? azureMatrix(jobs, digest) : githubMatrix(jobs, digest)
  return {
    ...report,
    fleet: plan,
    target: {
      ...report.target,
      organizations: [...new Set(plan.targets.flatMap(({ organizations }) => organizations))]
    },
    verification: { result: 'skipped', reason: 'a plan verifies nothing', start: 0, end: 0 },
    verdict: { exitCode: isFull ? 1 : 0, summary },
    // A plan that cannot be carried out makes no jobs.
    outputs: {
      ...report.outputs,
      matrix: isFull ? '' : toJsonOutput(matrix),
      verification: 'skipped',
      'verification-reason': 'a plan verifies nothing',
      failed: '',
      drifted: '',
      verified: '',
      html: ''
    }
  }
}
