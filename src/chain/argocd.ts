/**
 * Argo CD as it is installed: which one, of which version, owned by whom. It is written in one case only: with
 * `argocd-configuration: extension` and no Argo CD at all, the AKS extension is installed.
 */
import type { ArgocdExtension } from '../services/azure/extensions.ts'
import type { Planes } from '../services/services.ts'
import { HttpProblem } from '../http/errors.ts'
import { recordOf } from '../http/request.ts'
import {
  candidatesAmong,
  CONFIGURATION,
  counting,
  evidenceOf,
  judgedIn,
  type Judged
} from '../argocd/discovery.ts'
import type { ExtensionKeys, Instance, RepoServer } from '../argocd/instance.ts'
import type { FederatedCredential, IdentityPlace } from '../services/azure/managed-identities.ts'
import { surroundings } from '../services/kubernetes/surroundings.ts'
import { judged } from '../argocd/version.ts'
import { Problem, type ProblemFacts } from '../core/problem.ts'
import type { ChainHop } from './resource.ts'
import type { Change } from '../engine/outcome.ts'
import { word } from '../core/shell.ts'

interface Want {
  readonly clusterId: string | undefined
  /** Nodes of all pools; undefined when not known. */
  readonly nodes: number | undefined
  readonly namespace: string | undefined
  readonly configuration: 'auto' | 'manifests' | 'extension'
  /** Whose federated credentials tell which repo-server was connected before. */
  readonly identity: IdentityPlace
  readonly issuer: string | undefined
}

interface Seen {
  readonly found: readonly RepoServer[]
  /** What was judged to find them; empty where the identity trusts the only one already. */
  readonly judged: readonly Judged[]
  /** Of the identity; undefined when they could not be read. */
  readonly credentials: readonly FederatedCredential[] | undefined
  readonly extension: ArgocdExtension | undefined
  /** As argocd-server says it, when the image does not. */
  readonly version: string | undefined
}

export const argocd: ChainHop<Want, Seen, Instance> = {
  name: 'argocd',

  async observe(want, planes) {
    const { judged: candidates, ...discovery } = await discovered(want, planes)
    const { found } = discovery
    const [only] = found
    const asked = want.configuration === 'extension' || only?.owner.kind === 'extension'
    const extension =
      asked && want.clusterId !== undefined ? await planes.extensions.argocd(want.clusterId) : undefined
    const said = only && found.length === 1 && judged(only.version) === 'unknown'
    const version = said ? await saidVersion(only, want, planes) : undefined
    return { ...discovery, judged: candidates, extension, version }
  },

  exists: ({ found }) => found.length > 0,

  compare(want, seen) {
    const { found, extension, judged: candidates } = seen
    if (found.length > 1) throw several(counting(candidates))
    const [only] = found
    if (extension?.provisioningState === 'Failed') return [failedExtension(extension)]
    if (!only) {
      if (want.configuration !== 'extension' || want.clusterId === undefined)
        throw notInstalled(want, candidates)
      return [{ field: 'AKS extension', expected: 'Microsoft.ArgoCD', found: extension?.provisioningState }]
    }
    assertWhole(want, seen)
    if (want.configuration === 'extension' && !extension) return [otherInstall(only)]
    return versionChanges(versionOf(only, seen))
  },

  given(want, { found: [only], extension, version, credentials }) {
    if (!only) return undefined
    const configuration = configurationOf(want, only, extension)
    const account =
      configuration === 'operator' && only.serviceAccount === 'default'
        ? only.deployment
        : only.serviceAccount
    return {
      ...only,
      version: only.version ?? version,
      clusterId: want.clusterId,
      scope: want.namespace,
      configuration,
      account,
      subject: `system:serviceaccount:${only.namespace}:${account}`,
      credentials,
      extension: extension && { name: extension.name, keys: keysOf(extension), settings: extension.settings }
    }
  },

  facts: ({ subject }) => ({ subject }),
  summary: ({ namespace, deployment, account, version, owner }) =>
    `${namespace}/${deployment}, service account ${account}, version ${version ?? 'unknown'}, installed by ${INSTALLED[owner.kind]}`,

  notes(_want, seen) {
    const [only] = seen.found
    const notes: ProblemFacts[] = []
    if (only && judged(versionOf(only, seen)) === 'unknown') notes.push(unknownVersion(only))
    if (seen.extension && isOld(seen.extension)) notes.push(oldExtension(seen.extension))
    return notes
  },

  async apply({ clusterId, nodes }, { extension }, { extensions }, { say }) {
    if (clusterId === undefined) return
    // An installation that another run began is only waited for.
    if (extension) throw stillInstalling(extension)
    say('Installing the AKS extension Microsoft.ArgoCD; this takes minutes.')
    const small = nodes !== undefined && nodes < NODES_FOR_HA
    await extensions.install(clusterId, small ? { 'redis-ha.enabled': 'false' } : {})
  }
}

/** Redis HA, the extension's default, needs as many nodes; on fewer the installation times out. */
const NODES_FOR_HA = 4

const INSTALLED: Readonly<Record<RepoServer['owner']['kind'], string>> = {
  plain: 'manifests',
  helm: 'Helm',
  operator: 'an operator',
  extension: 'the AKS extension',
  application: 'an Application of its own'
}

/**
 * All candidates by all evidence, judged together. The only one is not judged again where the identity trusts its
 * service account already: that was written by somebody with rights over the identity, not by a tenant of the cluster.
 */
async function discovered(
  want: Want,
  planes: Planes
): Promise<Pick<Seen, 'found' | 'judged' | 'credentials'>> {
  const { clusterId, namespace, identity, issuer } = want
  const api = planes.kubernetes(clusterId)
  const [deployments, credentials] = await Promise.all([
    api.deployments(namespace),
    // Whether they may be read is for the resource to say that needs them.
    planes.identities.credentials(identity).catch(() => undefined)
  ])
  const candidates = candidatesAmong(deployments)
  const [only] = candidates
  const trusted =
    only?.strong === true &&
    candidates.filter(({ strong }) => strong).length === 1 &&
    credentials?.some((one) => one.issuer === issuer && one.subject === subjectOf(only.server)) === true
  if (trusted) return { found: [only.server], judged: [], credentials }
  const places = [...new Set(candidates.map(({ server }) => server.namespace))].slice(0, MOST_NAMESPACES)
  const around = new Map(
    await Promise.all(
      places.map(async (place) => [place, await surroundings(api, place, CONFIGURATION)] as const)
    )
  )
  const judged = candidates.map((one) =>
    judgedIn(one, around.get(one.server.namespace) ?? NOT_LOOKED, deployments)
  )
  return { found: counting(judged).map(({ server }) => server), judged, credentials }
}

/** Where candidates are looked at more closely: more of them are an error whatever is beside them. */
const MOST_NAMESPACES = 8
const NOT_LOOKED = { services: undefined, statefulSets: undefined, configured: undefined }

function subjectOf({ namespace, serviceAccount }: RepoServer): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`
}

/** @throws {Problem} when the only candidate is no whole installation, or cannot be shown to be one. */
function assertWhole({ namespace }: Want, { judged: candidates, extension }: Seen): void {
  const [only] = counting(candidates)
  if (!only) return
  if (only.missing.length > 0) {
    if (extension && extension.provisioningState !== 'Succeeded') throw stillInstalling(extension)
    throw notWhole(only)
  }
  if (only.confirmed.length === 0 && namespace === undefined) throw unconfirmed(only)
}

/** `/api/version` needs no login of Argo CD; whether the API server passes the question on is another matter. */
async function saidVersion(
  { namespace, server }: RepoServer,
  { clusterId }: Want,
  { kubernetes }: Planes
): Promise<string | undefined> {
  try {
    const { Version: version } = recordOf(
      await kubernetes(clusterId).throughService(namespace, server, 'api/version')
    )
    return typeof version === 'string' ? /^v?(\d+\.\d+\.\d+(?:-[\w.]+)?)/.exec(version)?.[1] : undefined
  } catch (error) {
    if (error instanceof HttpProblem) return undefined
    throw error
  }
}

function versionOf({ version }: RepoServer, seen: Seen): string | undefined {
  return version ?? seen.version
}

function configurationOf(
  { configuration }: Want,
  { owner }: RepoServer,
  extension: ArgocdExtension | undefined
): Instance['configuration'] {
  if (configuration === 'manifests') return 'manifests'
  if (extension) return 'extension'
  return owner.kind === 'operator' ? 'operator' : 'manifests'
}

function isOld({ version }: ArgocdExtension): boolean {
  return version.startsWith('0.')
}

function keysOf(extension: ArgocdExtension): ExtensionKeys {
  return isOld(extension)
    ? { enabled: 'workloadIdentity.enable', clientId: 'workloadIdentity.clientId' }
    : { enabled: 'azure.workloadIdentity.enabled', clientId: 'azure.workloadIdentity.clientId' }
}

/** What must not be used for private repositories, and why. */
export function versionChanges(version: string | undefined): Change[] {
  const verdict = judged(version)
  if (version === undefined || verdict === 'good' || verdict === 'unknown') return []
  const what =
    verdict === 'absent'
      ? `Argo CD ${version} has no workload identity for git; it would ignore the setting and connect without credentials.`
      : `Argo CD ${version} says "Successful" with workload identity while every fetch fails (argo-cd #23478).`
  const remedy = 'upgrade Argo CD to 3.0.13, 3.1.1, or 3.2.0 or newer'
  const link = `https://github.com/argoproj/argo-cd/issues/${verdict === 'absent' ? '13334' : '23478'}`
  const expected = '>= 3.0.13, >= 3.1.1 or >= 3.2.0'
  const blocked = { what, remedy, link, expected, found: version }
  return [{ field: 'Argo CD version', expected, found: version, blocked }]
}

function unknownVersion({ namespace, deployment, object }: RepoServer): ProblemFacts {
  const image = object.spec?.template.spec?.containers[0]?.image ?? 'none'
  return {
    what: `The version of Argo CD cannot be told from its image (${image}); whether it can fetch with workload identity is not known.`,
    remedy: `let verification: argocd prove it, or look: kubectl -n ${word(namespace)} exec deploy/${word(deployment)} -- argocd version --client --short`,
    link: 'https://github.com/argoproj/argo-cd/issues/23478'
  }
}

function oldExtension({ version }: ArgocdExtension): ProblemFacts {
  return {
    what: `The AKS extension is ${version}; its setting names ended with 1.0.0, and it cannot be upgraded in place.`,
    remedy:
      'plan to delete and install it anew: az k8s-extension delete, then argocd-configuration: extension',
    link: 'https://learn.microsoft.com/azure/azure-arc/kubernetes/tutorial-use-gitops-argocd'
  }
}

function failedExtension({ name, message = 'it says no reason' }: ArgocdExtension): Change {
  const what = `The AKS extension ${name} is Failed: ${message}`
  const remedy =
    'mend its cause, or delete it (az k8s-extension delete) and run again; on fewer than four nodes it needs redis-ha.enabled=false'
  return { field: 'AKS extension', expected: 'Succeeded', found: 'Failed', blocked: { what, remedy } }
}

function otherInstall({ namespace, deployment, owner }: RepoServer): Change {
  const found = `${namespace}/${deployment}, installed by ${INSTALLED[owner.kind]}`
  const what = 'argocd-configuration is extension, but the Argo CD of this cluster is not the AKS extension.'
  const remedy = 'set argocd-configuration: auto, or remove this Argo CD first'
  return { field: 'AKS extension', expected: 'Microsoft.ArgoCD', found, blocked: { what, remedy } }
}

function stillInstalling({ name, provisioningState }: ArgocdExtension): HttpProblem {
  const detail = `the extension ${name} is ${provisioningState}, and its repo-server is not there yet`
  return new HttpProblem({ plane: 'ARM', request: 'the extension', status: 409, detail, propagating: true })
}

function notInstalled({ namespace, configuration, clusterId }: Want, passedOver: readonly Judged[]): Problem {
  const place = namespace === undefined ? 'in the cluster' : `in namespace ${namespace}`
  if (configuration === 'extension' && clusterId === undefined) {
    return new Problem({
      what: 'argocd-configuration is extension, but only AKS clusters have extensions.',
      remedy: 'install Argo CD in another way, and set argocd-configuration: auto'
    })
  }
  return new Problem({
    what: `There is no Argo CD repo-server ${place}.`,
    expected: 'a Deployment that is labelled, named or runs as argocd-repo-server, with the rest of Argo CD',
    found: passedOver.length === 0 ? 'none' : passedOver.map(evidenceOf).join('; '),
    remedy: 'install Argo CD first, correct argocd-namespace, or set argocd-configuration: extension'
  })
}

function several(candidates: readonly Judged[]): Problem {
  const inside = new Set(candidates.map(({ server }) => server.namespace)).size === 1
  return new Problem({
    what: 'There are several Argo CD repo-servers, or Deployments that say they are.',
    expected: inside ? 'one in the namespace' : 'one, or argocd-namespace to choose',
    found: candidates.map(evidenceOf).join('; '),
    remedy: inside
      ? 'scale the Deployments that are not in use to 0, or delete them'
      : `set argocd-namespace to the namespace of Argo CD (${candidates
          .filter(({ missing }) => missing.length === 0)
          .map(({ server }) => server.namespace)
          .join(' or ')}), and ask who made the others`
  })
}

function notWhole(only: Judged): Problem {
  const { namespace, deployment } = only.server
  return new Problem({
    what: `${namespace}/${deployment} says it is the repo-server of Argo CD, but is not part of an installation: nothing is given to it.`,
    expected: `in namespace ${namespace}: ${only.missing.join(', ')}`,
    found: evidenceOf(only),
    remedy: `if Argo CD is elsewhere, set argocd-namespace to its namespace; if this is Argo CD, complete it: kubectl -n ${word(namespace)} get deployments,statefulsets,services,configmaps`,
    link: 'https://argo-cd.readthedocs.io/en/stable/operator-manual/architecture/'
  })
}

function unconfirmed(only: Judged): Problem {
  const { namespace, deployment } = only.server
  return new Problem({
    what: `Nothing but ${namespace}/${deployment} itself says that it is Argo CD: the login may not look at what is beside it.`,
    expected: `list services and statefulsets, get configmaps ${CONFIGURATION} in ${namespace}`,
    found: evidenceOf(only),
    remedy: `apply docs/permissions/kubernetes-role.yaml in ${namespace}, or, if this is your Argo CD, set argocd-namespace: ${namespace}`
  })
}
