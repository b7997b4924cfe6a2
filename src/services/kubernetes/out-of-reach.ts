/**
 * When a cluster's API server does not answer: the reason in the cluster's own settings why it is not reachable from
 * here.
 */
import { Problem } from '../../core/finding.ts'
import { input } from '../../core/input-name.ts'
import { word } from '../../core/shell.ts'
import { safe } from '../../http/errors.ts'
import type { ApiServerAccess } from '../azure/arm.ts'

const LINKS = {
  private: 'https://learn.microsoft.com/azure/aks/access-private-cluster',
  ranges: 'https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges'
}

/**
 * @param id of the cluster
 * @param host the API server that did not answer
 * @returns undefined when the cluster does not restrict access: then the cause is the network, which may recover
 */
export function outOfReach(
  id: string,
  host: string,
  { isPrivate, ranges }: ApiServerAccess,
  cause: unknown
): Problem | undefined {
  const [, , , , group = '', , , , name = ''] = id.split('/')
  if (isPrivate) {
    return new Problem(
      {
        id: 'cluster/out-of-reach',
        summary: `The API server of ${name} at ${host} gives no answer: the cluster is private, and its API server has an address in its own network only.`,
        expected: 'a runner in that network, or in one that is connected to it and resolves its private name',
        remedy: `run this on a self-hosted runner or agent (or a hosted one with private networking) in that network, or set ${input('cluster-access', 'auto')}`,
        link: LINKS.private
      },
      { cause }
    )
  }
  if (ranges.length === 0) return undefined
  const known = ranges.map((range) => safe(range, 60))
  return new Problem(
    {
      id: 'cluster/out-of-reach',
      summary: `The API server of ${name} at ${host} gives no answer: only some addresses may reach it.`,
      expected: `a runner with an address in ${known.slice(0, 10).join(', ')}`,
      remedy: `run this on a self-hosted runner with such an address, or add the address of the runner`,
      command: `az aks update -g ${word(group)} -n ${word(name)} --api-server-authorized-ip-ranges ${word([...known, '<address of the runner>'].join(','))}`,
      link: LINKS.ranges
    },
    { cause }
  )
}
