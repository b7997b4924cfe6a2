/** Which repo-server a run is for: all candidates by all evidence, judged together (`argocd/discovery.ts`). */
import {
  candidatesAmong,
  CONFIGURATION,
  selectCandidates,
  judgeCandidate,
  type Judged
} from '../argocd/discovery.ts'
import type { RepoServer } from '../argocd/instance.ts'
import { mapBounded } from '../core/concurrency.ts'
import type { ArgocdExtension } from '../services/azure/extensions.ts'
import type { IdentityPlace, ListedCredential } from '../services/azure/managed-identities.ts'
import { surroundings } from '../services/kubernetes/surroundings.ts'
import type { Services } from '../services/services.ts'
import { notWhole, stillInstalling, unconfirmed } from './argocd-problems.ts'

export interface Looked {
  readonly clusterId: string | undefined
  readonly namespace: string | undefined
  /** Whose federated credentials tell which repo-server was connected before. */
  readonly identity: IdentityPlace
  readonly issuer: string | undefined
}

export interface Discovered {
  readonly found: readonly RepoServer[]
  /** What was judged to find them; empty where the identity trusts the only one already. */
  readonly judged: readonly Judged[]
  /** Of the identity; undefined when they could not be read. */
  readonly credentials: readonly ListedCredential[] | undefined
}

/**
 * All candidates by all evidence, judged together. The only one is not judged again where the identity trusts its
 * service account already: that was written by somebody with rights over the identity, not by a tenant of the cluster.
 */
export async function discover(spec: Looked, services: Services): Promise<Discovered> {
  const { clusterId, namespace, identity, issuer } = spec
  const api = services.kubernetes(clusterId)
  const [deployments, credentials] = await Promise.all([
    api.deployments(namespace),
    // Whether they may be read is for the resource to say that needs them.
    services.identities.credentials(identity).catch(() => undefined)
  ])
  const candidates = candidatesAmong(deployments)
  const strong = candidates.filter((one) => one.strong)
  const [only] = strong
  const trusted =
    only !== undefined &&
    strong.length === 1 &&
    credentials?.some((one) => one.issuer === issuer && one.subject === subjectOf(only.server)) === true
  if (trusted) return { found: [only.server], judged: [], credentials }
  // Names alone must not keep what claims more from being looked at.
  const weak = candidates.filter((one) => !one.strong)
  const places = [...new Set([...strong, ...weak].map(({ server }) => server.namespace))].slice(
    0,
    MOST_NAMESPACES
  )
  const around = new Map(
    await mapBounded(places, async (place) => [place, await surroundings(api, place, CONFIGURATION)] as const)
  )
  const judged = candidates.map((one) =>
    judgeCandidate(one, around.get(one.server.namespace) ?? NOT_LOOKED, deployments)
  )
  return { found: selectCandidates(judged).map(({ server }) => server), judged, credentials }
}

/** Where candidates are looked at more closely; what is beside the others is not known, which is an error. */
const MOST_NAMESPACES = 32
const NOT_LOOKED = { services: undefined, statefulSets: undefined, configured: undefined }

function subjectOf({ namespace, serviceAccount }: RepoServer): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`
}

/** @throws {Problem} when the only candidate is no whole installation, or cannot be shown to be one. */
export function assertWhole(
  { namespace }: Looked,
  candidates: readonly Judged[],
  extension: ArgocdExtension | undefined
): void {
  const [only] = selectCandidates(candidates)
  if (!only) return
  if (only.missing.length > 0) {
    if (extension && extension.provisioningState !== 'Succeeded') throw stillInstalling(extension)
    throw notWhole(only)
  }
  // Whoever names the namespace vouches for what claims to be Argo CD there, but not for a name that ends alike.
  const vouched = namespace !== undefined && only.strong
  if (only.unknown.length > 0 && !vouched) throw unconfirmed(only)
}
