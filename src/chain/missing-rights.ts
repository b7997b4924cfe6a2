/** Asks the services before the first write whether the login may make the due writes. Asking writes nothing. */
import type { Desired } from '../config/desired.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { ResourceRight } from '../services/kubernetes/api.ts'
import type { Services } from '../services/services.ts'
import { azureRights } from './azure-rights.ts'
import { devopsRights } from './devops-rights.ts'
import { READS, REMOVES, WORKLOAD, type KubernetesNeed, type WRITES } from './permissions.ts'
import { NOTHING, orNotKnown, combine, type Due, type Rights, type Known } from './rights.ts'

/**
 * Rights that the login is missing for the due writes, each named exactly, and notes on rights that cannot be checked.
 *
 * @param table the rights that each resource needs for its writes
 * @throws {Problem} when a service cannot be asked, except when the login is missing the right to ask
 */
export async function missingRights(
  due: readonly Due[],
  table: typeof WRITES,
  known: Known,
  desired: Desired,
  services: Services
): Promise<Rights> {
  const { instance } = known
  const needs = due.map((one) => ({
    ...one,
    ...(one.resource === 'workload' ? instance && WORKLOAD[instance.configuration] : table[one.resource])
  }))
  const inCluster = needs.flatMap(({ kubernetes }) => kubernetes ?? [])
  const verifying =
    table === REMOVES || desired.verification === 'none' ? [] : (READS.verification?.kubernetes ?? [])
  const last = needs.findLast(({ kubernetes }) => kubernetes)?.resource ?? 'workload'
  return combine(
    await Promise.all([
      ...azureRights(needs, known, desired, services),
      ...devopsRights(due, table === REMOVES, known, desired, services),
      inCluster.length === 0 ? NOTHING : clusterRights([...inCluster, ...verifying], last, known, services)
    ])
  )
}

async function clusterRights(
  needs: readonly KubernetesNeed[],
  resource: ResourceKind,
  { instance }: Known,
  { kubernetes }: Services
): Promise<Rights> {
  if (!instance) return NOTHING
  const { namespace, clusterId } = instance
  const rights = needs.map(({ object, ...right }): ResourceRight => {
    const namespaced = { ...right, namespace }
    return object === undefined ? namespaced : { ...namespaced, name: instance[object] }
  })
  const question = async (): Promise<Rights> => {
    const missing = await kubernetes(clusterId).missing(rights)
    return { missing: missing.map(lacks), findings: [] }
  }
  return orNotKnown(question, { resource }, () => ({
    id: 'rights/not-known',
    summary: `Whether the login has the rights that this run needs in namespace ${namespace} is not known, since it may not ask.`,
    remedy:
      'nothing has to be done if the run goes well; else let the login create selfsubjectaccessreviews (the ClusterRole system:basic-user)'
  }))
}

function lacks({ verb, group, resource, subresource, namespace, name }: ResourceRight): FindingFacts {
  const kind = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
  return {
    id: 'rights/kubernetes',
    summary: `The login may not ${verb} ${kind}${name === undefined ? '' : ` ${name}`} in namespace ${namespace}.`,
    expected: `${verb} ${kind}`,
    actual: 'not allowed',
    remedy: `apply docs/permissions/kubernetes-role.yaml in ${namespace} and bind it to the login`,
    link: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/'
  }
}
