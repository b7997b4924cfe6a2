/** The plan of many targets, for log and summary. */
import type { FleetPlan } from './fleet-plan.ts'
import { details, table } from './markdown-parts.ts'
import { cell, code } from './markdown-text.ts'

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
