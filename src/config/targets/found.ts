/**
 * Targets of the clusters that a query found. A target of the file for one of them says what is different there; every
 * other target of the file is one more.
 */
import { groupBy } from '../../core/group-by.ts'
import { parseCluster } from '../cluster-rules.ts'
import type { Values } from '../inputs.ts'
import { MOST_TARGETS, type TargetsFile } from './file.ts'
import type { FileTarget } from './target.ts'
import type { FaultAt } from './yaml-tree.ts'

interface Found {
  readonly id: string
  readonly name: string
}

/**
 * @param ids of clusters, as Azure Resource Graph answered
 * @returns in an order that does not depend on that of the answer
 */
export function withFound(
  { targets, defaults, query }: TargetsFile,
  ids: readonly string[],
  fault: FaultAt
): FileTarget[] {
  const line = query?.line ?? 1
  if (ids.length > MOST_TARGETS) {
    fault(line, `The query finds ${ids.length} clusters; the limit is ${MOST_TARGETS}.`, 'Narrow the query.')
    return [...targets]
  }
  const found = [...new Map(ids.map((id) => [id.toLowerCase(), id]))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, id]) => clusterOf(id, line, fault) ?? [])
  const byId = groupBy(found, ({ id }) => id.toLowerCase())
  const byName = groupBy(found, ({ name }) => name.toLowerCase())
  const own = new Map<Found, FileTarget[]>()
  const others = targets.filter((target) => {
    const cluster = target.values.get('cluster')?.text.toLowerCase().replace(/\/$/, '') ?? ''
    const named = (cluster.includes('/') ? byId : byName).get(cluster) ?? []
    const [first, second] = named.filter((one) => agrees(target, one))
    if (second)
      fault(
        target.line,
        `The query finds several clusters with the name ${second.name}.`,
        'Give the resource id of the one that is meant.'
      )
    if (first) own.set(first, [...(own.get(first) ?? []), target])
    return !first
  })
  const ofQuery = found.flatMap((one) => {
    const all = own.get(one) ?? [{ name: one.name, values: defaults, line }]
    return all.map((target): FileTarget => ({
      ...target,
      values: new Map(target.values).set('cluster', { text: one.id, line: target.line })
    }))
  })
  return [...ofQuery, ...others]
}

function clusterOf(id: string, line: number, fault: FaultAt): Found | undefined {
  const parsed = id.includes('/') ? parseCluster({ cluster: id } as Values, () => undefined) : undefined
  if (parsed) return { id, name: parsed.name }
  fault(
    line,
    `The query finds ${id}, which is neither an AKS cluster nor one that Azure Arc connects.`,
    "Let it find clusters only: where type =~ 'microsoft.containerservice/managedclusters'."
  )
  return undefined
}

/** Whether the cluster is in the place that the target names; one with an issuer of its own is no resource of Azure. */
function agrees({ values }: FileTarget, { id }: Found): boolean {
  const text = (input: string): string => values.get(input)?.text.toLowerCase() ?? ''
  const [, , subscription = '', , group = ''] = id.toLowerCase().split('/')
  const is = (said: string, found: string): boolean => said === '' || said === found
  return (
    text('oidc-issuer-url') === '' &&
    is(text('subscription-id'), subscription) &&
    is(text('resource-group'), group)
  )
}
