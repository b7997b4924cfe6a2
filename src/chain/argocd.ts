/**
 * Argo CD as installed: which instance, which version, which owner. Apply writes in one case only: with
 * `argocd-configuration: extension` and no Argo CD in the cluster, it installs the AKS extension.
 */
import type { ArgocdExtension } from '../services/azure/extensions.ts'
import { selectCandidates } from '../argocd/discovery.ts'
import type { ExtensionKeys, Instance, RepoServer } from '../argocd/instance.ts'
import { atLeast, judged } from '../argocd/version.ts'
import { note, warning, type Finding } from '../core/finding.ts'
import { assertWhole, discover, type Discovered, type Looked } from './argocd-discovery.ts'
import {
  endedVersion,
  failedExtension,
  whyFailed,
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
import type { Difference } from '../engine/outcome.ts'
import type { ChainResource } from './resource.ts'

interface Spec extends Asked, Looked {
  /** Nodes of all pools; undefined: unknown. */
  readonly nodes: number | undefined
}

interface State extends Discovered {
  readonly extension: ArgocdExtension | undefined
  /** Whether the resource provider of cluster extensions is registered in the subscription. */
  readonly registered: boolean
}

export const argocd: ChainResource<Spec, State, Instance> = {
  kind: 'argocd',

  async read(spec, services) {
    const { judged: candidates, ...discovery } = await discover(spec, services)
    const { found } = discovery
    const [only] = found
    const asked = spec.configuration === 'extension' || only?.owner.kind === 'extension'
    const { registered, extension } =
      asked && spec.clusterId !== undefined
        ? await services.extensions.argocd(spec.clusterId)
        : { registered: true, extension: undefined }
    return { ...discovery, judged: candidates, registered, extension }
  },

  assess(spec, state) {
    const differences = differencesOf(spec, state)
    const output = outputOf(spec, state)
    return {
      exists: state.found.length > 0,
      differences,
      findings: findingsOf(state),
      ...(output && { output, outputs: { subject: output.subject }, summary: summaryOf(output) })
    }
  },

  async apply({ clusterId, nodes }, { extension }, { extensions }, { report }) {
    if (clusterId === undefined) return
    // Another run has started this installation: wait for it.
    if (extension) throw stillInstalling(extension)
    report('Installing the AKS extension Microsoft.ArgoCD; this takes minutes.')
    const small = nodes !== undefined && nodes < NODES_FOR_HA
    await extensions.install(clusterId, small ? { 'redis-ha.enabled': 'false' } : {})
  }
}

function differencesOf(spec: Spec, state: State): Difference[] {
  const { found, extension, judged: candidates } = state
  if (found.length > 1) throw several(selectCandidates(candidates))
  const [only] = found
  if (!only) {
    if (extension?.provisioningState === 'Failed') return [failedExtension(extension)]
    if (spec.configuration !== 'extension' || spec.clusterId === undefined)
      throw notInstalled(spec, candidates)
    return [
      ...(state.registered ? [] : [{ field: PROVIDER, expected: 'Registered', actual: 'NotRegistered' }]),
      { field: 'AKS extension', expected: 'Microsoft.ArgoCD', actual: extension?.provisioningState }
    ]
  }
  assertWhole(spec, candidates, extension)
  if (spec.configuration === 'extension' && !extension) return [otherInstall(only)]
  return versionChanges(only.version)
}

function outputOf(spec: Spec, { found: [only], extension, credentials }: State): Instance | undefined {
  if (!only) return undefined
  const configuration = configurationOf(spec, only, extension)
  const account =
    configuration === 'operator' && only.serviceAccount === 'default' ? only.deployment : only.serviceAccount
  return {
    ...only,
    clusterId: spec.clusterId,
    scope: spec.namespace,
    configuration,
    account,
    subject: `system:serviceaccount:${only.namespace}:${account}`,
    credentials,
    extension: extension && { name: extension.name, keys: keysOf(extension), settings: extension.settings }
  }
}

function summaryOf({ namespace, deployment, account, version, owner }: Instance): string {
  return `${namespace}/${deployment}, service account ${account}, version ${version ?? 'unknown'}, installed by ${INSTALLED[owner.kind]}`
}

function findingsOf(state: State): Finding[] {
  const [only] = state.found
  const findings: Finding[] = []
  const version = only?.version
  if (only && judged(version) === 'unknown') findings.push(note(unknownVersion(only)))
  // The extension is patched by its own versions.
  if (version !== undefined && !state.extension && judged(version) === 'good' && !atLeast(version, SUPPORTED))
    findings.push(warning(endedVersion(version)))
  // The Argo CD of an earlier operation goes on serving.
  if (only && state.extension?.provisioningState === 'Failed')
    findings.push(warning(whyFailed(state.extension)))
  if (state.extension && isOld(state.extension)) findings.push(note(oldExtension(state.extension)))
  return findings
}

/** The oldest minor version that still gets patches: 3.5 has been released. */
const SUPPORTED = '3.2.0'

/** The resource provider of extensions, as a difference. */
export const PROVIDER = 'resource provider Microsoft.KubernetesConfiguration'

/** Redis HA, the extension's default, needs this many nodes; with fewer, the installation times out. */
const NODES_FOR_HA = 4

function configurationOf(
  { configuration }: Spec,
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
