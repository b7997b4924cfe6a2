/** Asks the services, before the first write, whether the login may do what is due. Nothing is written by asking. */
import type { Desired } from '../config/desired.ts'
import type { HopName } from '../engine/outcome.ts'
import type { ResourceRight } from '../services/kubernetes/api.ts'
import type { Planes } from '../services/services.ts'
import { azureRights } from './azure-rights.ts'
import { devopsRights } from './devops-rights.ts'
import { READS, REMOVES, WORKLOAD, type KubernetesNeed, type WRITES } from './permissions.ts'
import { NOTHING, orNotKnown, together, type Due, type Rights, type Standing } from './rights.ts'

/**
 * What the login lacks for the writes that are due, each right named exactly, and what could not be learned of them.
 *
 * @param table what each hop writes with
 * @throws {Problem} when a service cannot be asked, other than for want of the right to ask
 */
export async function missingRights(
  due: readonly Due[],
  table: typeof WRITES,
  standing: Standing,
  desired: Desired,
  planes: Planes
): Promise<Rights> {
  const { instance } = standing
  const needs = due.map((one) => ({
    ...one,
    ...(one.hop === 'workload' ? instance && WORKLOAD[instance.configuration] : table[one.hop])
  }))
  const inCluster = needs.flatMap(({ kubernetes }) => kubernetes ?? [])
  const proof = table === REMOVES || desired.verification === 'none' ? [] : (READS.proof?.kubernetes ?? [])
  const last = needs.findLast(({ kubernetes }) => kubernetes)?.hop ?? 'workload'
  return together(
    await Promise.all([
      ...azureRights(needs, standing, desired, planes),
      ...devopsRights(due, table === REMOVES, standing, desired, planes),
      inCluster.length === 0 ? NOTHING : clusterRights([...inCluster, ...proof], last, standing, planes)
    ])
  )
}

async function clusterRights(
  needs: readonly KubernetesNeed[],
  hop: HopName,
  { instance }: Standing,
  { kubernetes }: Planes
): Promise<Rights> {
  if (!instance) return NOTHING
  const { namespace, clusterId } = instance
  const rights = needs.map(({ object, ...right }): ResourceRight => {
    const namespaced = { ...right, namespace }
    return object === undefined ? namespaced : { ...namespaced, name: instance[object] }
  })
  const question = async (): Promise<Rights> => {
    const missing = await kubernetes(clusterId).missing(rights)
    return { missing: missing.map(lacks), notes: [] }
  }
  return orNotKnown(question, hop, () => ({
    what: `Whether the login has the rights that this run needs in namespace ${namespace} is not known, since it may not ask.`,
    remedy:
      'nothing has to be done if the run goes well; else let the login create selfsubjectaccessreviews (the ClusterRole system:basic-user)'
  }))
}

function lacks({ verb, group, resource, subresource, namespace, name }: ResourceRight) {
  const kind = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
  return {
    what: `The login may not ${verb} ${kind}${name === undefined ? '' : ` ${name}`} in namespace ${namespace}.`,
    expected: `${verb} ${kind}`,
    found: 'not allowed',
    remedy: `apply docs/permissions/kubernetes-role.yaml in ${namespace} and bind it to the login`,
    link: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/'
  }
}
