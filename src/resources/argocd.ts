/**
 * Argo CD's repo-server, as it is installed: its namespace, Deployment, and the service account its pods really use.
 * Read only. Found by the labels that every install shape sets on the Deployment (facts: upstream manifests,
 * argo-helm, argocd-operator).
 */
import type { V1Deployment } from '@kubernetes/client-node'
import { Problem } from '../diagnosis/problem.ts'
import type { Hop } from '../reconcile/hop.ts'
import type { Change } from '../reconcile/outcomes.ts'

export interface RepoServer {
  readonly clusterId: string | undefined
  readonly namespace: string
  readonly deployment: string
  readonly container: string
  readonly serviceAccount: string
  /** Selects its pods. */
  readonly podLabels: Readonly<Record<string, string>>
  /** `system:serviceaccount:<namespace>:<name>`, as its tokens say. */
  readonly subject: string
  /** From the image tag; undefined for a digest or a tag of one's own. */
  readonly version: string | undefined
  /** As it was when it was found. */
  readonly object: V1Deployment
}

interface Want {
  readonly clusterId: string | undefined
  readonly namespace: string | undefined
}

export const argocd: Hop<Want, readonly V1Deployment[], RepoServer> = {
  name: 'argocd',
  observe: ({ clusterId, namespace }, { kubernetes }) => kubernetes(clusterId).repoServers(namespace),
  exists: (seen) => seen.length > 0,

  compare(want, seen) {
    const [only, other] = seen
    if (!only) throw notInstalled(want.namespace)
    if (other) throw several(seen)
    return versionChanges(repoServerOf(want, only))
  },

  given: (want, [only]) => only && repoServerOf(want, only),
  facts: ({ subject }) => ({ subject }),
  summary: ({ namespace, deployment, serviceAccount, version }) =>
    `${namespace}/${deployment}, service account ${serviceAccount}, version ${version ?? 'unknown'}`
}

function repoServerOf({ clusterId }: Want, object: V1Deployment): RepoServer {
  const { metadata, spec } = object
  const pod = spec?.template.spec
  const containers = pod?.containers ?? []
  const container = containers.find(({ name }) => name.endsWith('repo-server')) ?? containers[0]
  const namespace = metadata?.namespace ?? ''
  const serviceAccount = pod?.serviceAccountName ?? 'default'
  return {
    clusterId,
    namespace,
    deployment: metadata?.name ?? '',
    container: container?.name ?? '',
    serviceAccount,
    podLabels: spec?.selector.matchLabels ?? {},
    subject: `system:serviceaccount:${namespace}:${serviceAccount}`,
    version: /:v?(\d+\.\d+\.\d+(?:-[\w.]+)?)(?:@|$)/.exec(container?.image ?? '')?.[1],
    object
  }
}

/** Versions in which workload identity for git is absent (< 3.0.0) or connects and then fails to fetch (#23478). */
export function versionChanges({ version }: Pick<RepoServer, 'version'>): Change[] {
  const [, major = 0, minor = 0, patch = 0] = (/^(\d+)\.(\d+)\.(\d+)/.exec(version ?? '') ?? []).map(Number)
  if (version === undefined) return []
  const absent = major < 3
  const broken = major === 3 && ((minor === 0 && patch <= 12) || (minor === 1 && patch === 0))
  if (!absent && !broken) return []
  const what = absent
    ? `Argo CD ${version} has no workload identity for git; it would ignore the setting and connect without credentials.`
    : `Argo CD ${version} says "Successful" with workload identity while every fetch fails.`
  const remedy = 'upgrade Argo CD to 3.0.13, 3.1.1, or 3.2.0 or newer'
  const link = `https://github.com/argoproj/argo-cd/issues/${absent ? '13334' : '23478'}`
  const expected = '>= 3.0.13, >= 3.1.1 or >= 3.2.0'
  return [
    {
      field: 'Argo CD version',
      expected,
      found: version,
      blocked: { what, remedy, link, expected, found: version }
    }
  ]
}

function notInstalled(namespace: string | undefined): Problem {
  return new Problem({
    what: `There is no Argo CD repo-server ${namespace === undefined ? 'in the cluster' : `in namespace ${namespace}`}.`,
    expected:
      'a Deployment labelled app.kubernetes.io/component=repo-server, app.kubernetes.io/part-of=argocd',
    found: 'none',
    remedy: 'install Argo CD first, or correct argocd-namespace'
  })
}

function several(seen: readonly V1Deployment[]): Problem {
  return new Problem({
    what: 'There are several Argo CD repo-servers.',
    expected: 'one, or argocd-namespace to choose',
    found: seen.map(({ metadata }) => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`).join(', '),
    remedy: 'set argocd-namespace'
  })
}
