/** What `mode: plan` found: the targets with their jobs, and what the identities take. */
import { cell, code } from './markdown-text.ts'
import { details, table } from './markdown-parts.ts'

export interface FleetPlan {
  readonly targets: readonly PlannedTarget[]
  readonly identities: readonly PlannedIdentity[]
  /** Basic licenses: one per identity and organization. */
  readonly licenses: number
  readonly jobs: number
}

export interface PlannedTarget {
  readonly name: string
  readonly cluster: string
  readonly identity: string
  readonly organizations: readonly string[]
  /** How many. */
  readonly repositories: number
  /** Of the job that runs it: its own name, or that of a batch. */
  readonly job: string
}

export interface PlannedIdentity {
  readonly name: string
  /** How many targets use it, with one federated credential each. */
  readonly targets: number
  /** Names of credentials that are there already and of none of them; absent: not read. */
  readonly others?: readonly string[]
}

export function fleetPlanLines({ targets }: FleetPlan): string[] {
  return targets.map(
    ({ name, cluster, identity, organizations, repositories, job }) =>
      `${name}: Argo CD on ${cluster}, ${count(repositories, 'repository', 'repositories')} of ${organizations.join(', ')}, as ${identity}${job === name ? '' : `, in ${job}`}`
  )
}

export function fleetPlanMarkdown({ targets, identities, licenses, jobs }: FleetPlan): string {
  const rows = targets.map(({ name, cluster, identity, organizations, repositories, job }) => [
    `**${cell(name)}**`,
    code(cluster),
    `${repositories} of ${organizations.map(cell).join(', ')}`,
    code(identity),
    cell(job)
  ])
  const shared = identities
    .filter((one) => one.targets > 1 || (one.others ?? []).length > 0)
    .map(({ name, targets: used, others }) => [
      code(name),
      String(used),
      others === undefined ? 'not read' : String(others.length)
    ])
  return [
    `${count(jobs, 'job', 'jobs')}, ${count(identities.length, 'identity', 'identities')}, ${count(licenses, 'Basic license', 'Basic licenses')}.`,
    table(['Target', 'Cluster', 'Repositories', 'Identity', 'Job'], rows),
    shared.length === 0
      ? ''
      : details('Shared identities', table(['Identity', 'Targets', 'Other credentials'], shared))
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}
