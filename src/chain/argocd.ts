/**
 * Argo CD as it is installed: which one, of which version, owned by whom. It is written in one case only: with
 * `argocd-configuration: extension` and no Argo CD at all, the AKS extension is installed.
 */
import type { ArgocdExtension } from '../services/azure/extensions.ts'
import type { Planes } from '../services/services.ts'
import { HttpProblem } from '../http/errors.ts'
import { recordOf } from '../http/request.ts'
import { counting } from '../argocd/discovery.ts'
import type { ExtensionKeys, Instance, RepoServer } from '../argocd/instance.ts'
import { judged } from '../argocd/version.ts'
import type { ProblemFacts } from '../core/problem.ts'
import { assertWhole, discovered, type Discovered, type Looked } from './argocd-discovery.ts'
import {
  failedExtension,
  INSTALLED,
  notInstalled,
  oldExtension,
  otherInstall,
  several,
  stillInstalling,
  unknownVersion,
  versionChanges,
  type Asked
} from './argocd-problems.ts'
import { PROVIDER } from './permissions.ts'
import type { ChainHop } from './resource.ts'

interface Want extends Asked, Looked {
  /** Nodes of all pools; undefined when not known. */
  readonly nodes: number | undefined
}

interface Seen extends Discovered {
  readonly extension: ArgocdExtension | undefined
  /** Whether the subscription knows extensions of clusters at all. */
  readonly registered: boolean
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
    const { registered, extension } =
      asked && want.clusterId !== undefined
        ? await planes.extensions.argocd(want.clusterId)
        : { registered: true, extension: undefined }
    const said = only && found.length === 1 && judged(only.version) === 'unknown'
    const version = said ? await saidVersion(only, want, planes) : undefined
    return { ...discovery, judged: candidates, registered, extension, version }
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
      return [
        ...(seen.registered ? [] : [{ field: PROVIDER, expected: 'Registered', found: 'NotRegistered' }]),
        { field: 'AKS extension', expected: 'Microsoft.ArgoCD', found: extension?.provisioningState }
      ]
    }
    assertWhole(want, candidates, extension)
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
