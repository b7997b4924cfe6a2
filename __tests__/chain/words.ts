/** What a run says of each resource of the chain, in the words of its report. */
import type { Report } from '../../src/report/report.ts'

export const ALL_UNCHANGED = {
  cluster: 'unchanged',
  identity: 'unchanged',
  argocd: 'unchanged',
  'federated-credential': 'unchanged',
  entitlement: 'unchanged',
  permission: 'unchanged',
  workload: 'unchanged',
  connection: 'unchanged'
}

export const ALL_REMOVED = {
  cluster: 'unchanged',
  identity: 'removed',
  argocd: 'unchanged',
  'federated-credential': 'removed',
  entitlement: 'removed',
  permission: 'removed',
  workload: 'removed',
  connection: 'removed'
}
/** But for what is never touched. */
export const ALL_LEFT = Object.fromEntries(
  Object.entries(ALL_REMOVED).map(([hop, word]) => [hop, word === 'removed' ? 'skipped' : word])
)
export const NOTHING = Object.fromEntries(Object.keys(ALL_REMOVED).map((hop) => [hop, 'unchanged']))

export function summaryOf({ resources }: Report, name: string): string {
  return resources.find(({ resource }) => resource === name)?.summary ?? ''
}
