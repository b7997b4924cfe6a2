/** Asks the services before the first write whether the login may make the due writes. Asking writes nothing. */
import type { Instance } from '../argocd/instance.ts'
import type { DesiredChain } from '../config/desired.ts'
import { explain } from '../diagnosis/explain.ts'
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
 * A service that cannot be asked counts as missing, and hides nothing that the others say.
 *
 * @param table the rights that each resource needs for its writes
 */
export async function missingRights(
  due: readonly Due[],
  table: typeof WRITES,
  known: Known,
  desired: DesiredChain,
  services: Services
): Promise<Rights> {
  const { instance } = known
  // Whether what could not be read has to be written is not known.
  const writing = due.filter(({ result }) => result !== 'failed')
  const needs = writing.map((one) => ({
    ...one,
    ...(one.resource === 'workload' ? instance && workloadNeeds(instance, desired) : table[one.resource])
  }))
  const inCluster = needs.flatMap(({ kubernetes }) => kubernetes ?? [])
  const { commandsBecause } = services.kubernetes(known.cluster?.id).reach
  // Through commands no token is asked for.
  const asksToken = table !== REMOVES && desired.verification !== 'none' && commandsBecause === undefined
  const verifying = asksToken ? (READS.verification?.kubernetes ?? []) : []
  const last = needs.findLast(({ kubernetes }) => kubernetes)?.resource ?? 'workload'
  const answers = await Promise.allSettled([
    ...azureRights(needs, known, desired, services),
    ...devopsRights(writing, table === REMOVES, known, desired, services),
    instance || table === REMOVES
      ? inCluster.length === 0
        ? NOTHING
        : clusterRights([...inCluster, ...verifying], last, instance, services)
      : rightsWithoutInstance(due, inCluster, known, desired, services)
  ])
  return combine(
    await Promise.all(
      answers.map(async (answer) =>
        answer.status === 'fulfilled'
          ? answer.value
          : { missing: [await explain(answer.reason)], findings: [] }
      )
    )
  )
}

/** Where the account has to name another tenant, Patless writes that itself. */
function workloadNeeds({ configuration }: Instance, { identityLogin }: DesiredChain) {
  const needs = WORKLOAD[configuration]
  if (!identityLogin || configuration !== 'extension') return needs
  const accounts = WORKLOAD.manifests.kubernetes?.filter(({ resource }) => resource === 'serviceaccounts')
  return { ...needs, kubernetes: [...(needs.kubernetes ?? []), ...(accounts ?? [])] }
}

/**
 * When the login may not even look for Argo CD, it is asked about everything else that it will need there, as far as no
 * name of an object is part of the right.
 */
function rightsWithoutInstance(
  due: readonly Due[],
  needs: readonly KubernetesNeed[],
  { cluster }: Known,
  { argocdNamespace: namespace }: DesiredChain,
  services: Services
): Promise<Rights> | Rights {
  const isRefused = due.some(
    ({ resource, problem }) => resource === 'argocd' && problem?.id === 'kubernetes/right-missing'
  )
  if (!isRefused || namespace === undefined) return NOTHING
  const reads = [READS.argocd, READS.workload, READS.connection].flatMap((one) => one?.kubernetes ?? [])
  const unnamed = [...reads, ...needs].filter(({ object, named }) => (object ?? named) === undefined)
  const place = { namespace, clusterId: cluster?.id }
  return clusterRights(unnamed, 'argocd', place, services)
}

type NamedPlace = Pick<Instance, 'namespace' | 'clusterId'> & Partial<Instance>

/** Of these rights in Argo CD's namespace, those that the login is missing. */
export async function clusterRights(
  needs: readonly KubernetesNeed[],
  resource: ResourceKind,
  instance: NamedPlace | undefined,
  { kubernetes }: Services
): Promise<Rights> {
  if (!instance) return NOTHING
  const { namespace, clusterId } = instance
  const rights = needs.map(({ object, named, ...right }): ResourceRight => {
    const namespaced = { ...right, namespace }
    const name = object === undefined ? named : instance[object]
    return name === undefined ? namespaced : { ...namespaced, name }
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
