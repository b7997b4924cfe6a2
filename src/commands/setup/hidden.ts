/** Argo CD in a cluster that the person may not look into: its namespace and the usual names have to do, as in the script. */
import type { FindingFacts } from '../../core/finding.ts'
import type { SetupGraph } from './services.ts'
import type { Place } from './settings.ts'

export function isHidden(graph: SetupGraph): boolean {
  const { problem } = graph.resources.find(({ resource }) => resource === 'argocd') ?? {}
  const { status = 0 } = problem?.answered?.failure ?? {}
  return status === 401 || status === 403
}

export function hidden({ name }: Place): FindingFacts {
  return {
    id: 'setup/argocd-hidden',
    summary: `Your login may not look for Argo CD in ${name}.`,
    remedy:
      'give --argocd-namespace argocd (or its other namespace): set-up then goes on with the usual names, without looking'
  }
}
