/** Finds the repo-server of a run: all candidates are judged together, by all evidence (`argocd/discovery.ts`). */
import {
  candidatesAmong,
  CONFIGURATION,
  selectCandidates,
  judgeCandidate,
  type Candidate,
  type Judged
} from '../argocd/discovery.ts'
import type { V1Deployment } from '@kubernetes/client-node'
import type { RepoServer } from '../argocd/instance.ts'
import { mapBounded } from '../core/concurrency.ts'
import type { ArgocdExtension } from '../services/azure/extensions.ts'
import type { ListedCredential } from '../services/azure/listed-credential.ts'
import type { IdentityPlace } from '../services/azure/managed-identities.ts'
import type { Kubernetes } from '../services/kubernetes/api.ts'
import { surroundings } from '../services/kubernetes/surroundings.ts'
import type { Services } from '../services/services.ts'
import { notWhole, stillInstalling, unconfirmed } from './argocd-problems.ts'

export interface Looked {
  readonly clusterId: string | undefined
  readonly namespace: string | undefined
  /** Its federated credentials show which repo-server was connected before. */
  readonly identity: IdentityPlace
  readonly issuer: string | undefined
}

export interface Discovered {
  readonly found: readonly RepoServer[]
  /** The judged candidates; empty when the identity already trusts the only one. */
  readonly judged: readonly Judged[]
  /** Federated credentials of the identity; undefined when they could not be read. */
  readonly credentials: readonly ListedCredential[] | undefined
}

/**
 * Judges all candidates together, by all evidence. A single strong candidate is not judged again when the identity
 * already trusts its service account: somebody with rights on the identity wrote that credential, not a tenant of the
 * cluster.
 */
export async function discover(spec: Looked, services: Services): Promise<Discovered> {
  const { clusterId, namespace, identity, issuer } = spec
  const api = services.kubernetes(clusterId)
  const [deployments, credentials] = await Promise.all([
    api.deployments(namespace),
    // The resource that needs the credentials reports that they cannot be read.
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
  const judged = await judgeAll(candidates, deployments, api)
  return { found: selectCandidates(judged).map(({ server }) => server), judged, credentials }
}

/** Judges each candidate by what is around it in its namespace. */
async function judgeAll(
  candidates: readonly Candidate[],
  deployments: readonly V1Deployment[],
  api: Kubernetes
): Promise<Judged[]> {
  // Strong candidates come first, so that candidates by name alone cannot use up MOST_NAMESPACES.
  const inTurn = [...candidates.filter(({ strong }) => strong), ...candidates.filter(({ strong }) => !strong)]
  const places = [...new Set(inTurn.map(({ server }) => server.namespace))].slice(0, MOST_NAMESPACES)
  const around = new Map(
    await mapBounded(places, async (place) => [place, await surroundings(api, place, CONFIGURATION)] as const)
  )
  return candidates.map((one) =>
    judgeCandidate(one, around.get(one.server.namespace) ?? NOT_LOOKED, deployments)
  )
}

/** Every repo-server of the cluster, or of one namespace, as candidates for an audit: nothing is written to any. */
export async function discoverAll(namespace: string | undefined, api: Kubernetes): Promise<Judged[]> {
  const deployments = await api.deployments(namespace)
  return selectCandidates(await judgeAll(candidatesAmong(deployments), deployments, api))
}

/** Number of namespaces to inspect for candidates; the surroundings of the rest are unknown, which is an error. */
const MOST_NAMESPACES = 32
const NOT_LOOKED = { services: undefined, statefulSets: undefined, configured: undefined }

function subjectOf({ namespace, serviceAccount }: RepoServer): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`
}

/** @throws {Problem} when the only candidate is not a complete installation or cannot be confirmed as one. */
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
  // A user who sets the namespace vouches for a strong candidate in it, but not for one whose name only ends alike.
  const vouched = namespace !== undefined && only.strong
  if (only.unknown.length > 0 && !vouched) throw unconfirmed(only)
}
