/**
 * The repo-server's pods use the identity. The webhook reads a pod once, when it is created: the label on the pod and
 * the annotation on its service account. The owner of the objects determines where apply writes both (`installs/`);
 * what counts is the environment of every running pod.
 */
import type { V1Deployment } from '@kubernetes/client-node'
import {
  annotationsOf,
  CLIENT_ID,
  refusalOf,
  running,
  stalledOf,
  type Identified,
  type Workload
} from '../argocd/identity.ts'
import { fingerprintOfPods, type Fingerprint } from '../argocd/fingerprint.ts'
import { changedAt } from '../services/kubernetes/changed.ts'
import { installOf, installWritesOf } from '../argocd/installs/install.ts'
import { kustomizePatches, lastingTenant } from '../argocd/installs/manifests.ts'
import { managerOf } from '../argocd/managers.ts'
import { note, warning, type Finding, type FindingFacts } from '../core/finding.ts'
import { word } from '../core/shell.ts'
import { NOT_OURS, readElsewhere } from './dependents.ts'
import { MissingOutput } from '../engine/node.ts'
import type { Difference } from '../engine/outcome.ts'
import { holdersOf } from './holders.ts'
import type { ChainResource } from './resource.ts'
import { askersIn, type Asker } from './verifications/asked-as.ts'
import { adoptionDifferences, podDifferences, type WorkloadState } from './workload-differences.ts'

export interface Pods {
  readonly count: number
  readonly clientId: string
  /** As whom the running pods ask for tokens. */
  readonly askers: readonly Asker[]
  /** Fingerprint of the pods and of the objects that define them. */
  readonly fingerprint: Fingerprint
  /** What defines the pods and when it last changed, in ms since the epoch; undefined: unknown. */
  readonly changes: readonly { readonly what: string; readonly at: number | undefined }[]
  /** Sources of container variables that cannot be read here; undefined: none. */
  readonly unseen: string | undefined
}

export const workload: ChainResource<Identified, WorkloadState, Pods> = {
  kind: 'workload',

  async read(spec, services, { fresh }) {
    const { instance } = spec
    const { namespace, deployment, account, podLabels, clusterId } = instance
    const api = services.kubernetes(clusterId)
    const [serviceAccount, current, pods, settings] = await Promise.all([
      api.serviceAccount(namespace, account),
      fresh ? api.deployment(namespace, deployment) : instance.object,
      api.pods(namespace, podLabels),
      installOf(instance).read(instance, services, fresh)
    ])
    const workload = { serviceAccount, deployment: current, pods: pods.filter(running) }
    return { ...workload, settings, holders: await holdersOf(spec, workload, settings, services) }
  },

  assess: (spec, state) => ({
    exists: annotationsOf(state)[CLIENT_ID] !== undefined,
    differences: differencesOf(spec, state),
    findings: findingsOf(spec, state),
    output: outputOf(spec, state),
    summary: `${state.pods.length} pod${state.pods.length === 1 ? '' : 's'} with client id ${spec.clientId}`
  }),

  apply: async (spec, state, services, policy) => {
    await (await installWritesOf(spec.instance)).apply(spec, state, services, policy)
  },

  /** An annotation that names another identity belongs to somebody else. */
  planDelete({ clientId, instance }, state, { repositories, identity }) {
    if (clientId === '') return undefined
    const set = installOf(instance).clientIdIn(instance, state.settings)
    if (annotationsOf(state)[CLIENT_ID] !== clientId && set !== clientId) return undefined
    const what = `annotation and label of ${instance.namespace}/${instance.deployment}`
    if (set !== undefined && set !== '' && set !== clientId)
      return { what, retain: `the AKS extension is set to another identity (client id ${set})` }
    if (repositories.length > 0) return { what, retain: readElsewhere(repositories) }
    return identity === 'ours' ? { what } : { what, retain: NOT_OURS }
  },

  delete: async (spec, state, services, policy) => {
    await (await installWritesOf(spec.instance)).delete(spec, state, services, policy)
  }
}

function differencesOf(spec: Identified, state: WorkloadState): Difference[] {
  const inUse = adoptionDifferences(spec, state)
  if (inUse.length > 0) return inUse
  // Before the identity exists, nothing else about the pods can be compared.
  if (spec.clientId === '') throw new MissingOutput('identity')
  return podDifferences(spec, state)
}

function outputOf(spec: Identified, state: WorkloadState): Pods {
  const { clientId, instance } = spec
  const { pods, deployment, serviceAccount } = state
  const since = Math.max(0, ...pods.map(({ metadata }) => metadata?.creationTimestamp?.valueOf() ?? 0))
  return {
    count: pods.length,
    clientId,
    askers: askersIn(pods, instance.container),
    unseen: unseenIn(instance, deployment),
    fingerprint: fingerprintOfPods(spec, state),
    changes: [
      { what: 'the youngest repo-server pod', at: since === 0 ? undefined : since },
      { what: `the Deployment ${instance.deployment}`, at: changedAt(deployment.metadata) },
      { what: `the service account ${instance.account}`, at: changedAt(serviceAccount?.metadata) }
    ]
  }
}

function findingsOf(spec: Identified, state: WorkloadState): Finding[] {
  const stalled = stalledOf(state.deployment)
  const refusal = refusalOf(state.deployment)
  return [
    // An identity that apply must not replace must not be replaced in its source either.
    ...(adoptionDifferences(spec, state).length > 0 ? [] : lasting(spec, state)),
    // Old pods serve as long as they live: after the next eviction there would be none.
    ...(refusal === undefined
      ? stalled === undefined
        ? []
        : [note(standsStill(spec.instance, stalled))]
      : [warning(standsStill(spec.instance, refusal))])
  ]
}

/** Secrets and ConfigMaps whose keys all become variables; an AZURE_CLIENT_SECRET among them would take precedence. */
function unseenIn({ container: name }: Identified['instance'], { spec }: V1Deployment): string | undefined {
  const container = spec?.template.spec?.containers.find((one) => one.name === name)
  const sources = (container?.envFrom ?? []).map(
    ({ secretRef, configMapRef }) => secretRef?.name ?? configMapRef?.name ?? ''
  )
  return sources.length === 0 ? undefined : sources.join(', ')
}

/** What to write into which source. If the installation method names no source, the marks of the objects may. */
function lasting(spec: Identified, state: Workload): Finding[] {
  const known = installOf(spec.instance).lasting(spec)
  return known === undefined ? undoneBy(spec, state) : [note(known)]
}

function undoneBy(
  spec: Identified,
  { deployment, serviceAccount }: Pick<Workload, 'deployment' | 'serviceAccount'>
): Finding[] {
  const { instance } = spec
  if (instance.configuration !== 'manifests') return []
  const { deployment: name, account } = instance
  const made = [
    { what: `service account ${account}`, manager: managerOf(serviceAccount?.metadata) },
    { what: `Deployment ${name}`, manager: managerOf(deployment.metadata) }
  ]
  return made.flatMap(({ what, manager }) =>
    manager === undefined
      ? []
      : [
          {
            // Helm writes only when somebody upgrades; the others write again by themselves.
            severity: manager.kind === 'Helm' ? 'note' : 'warning',
            id: 'workload/may-be-undone',
            summary: `The ${what} is made by ${manager.who}, which may revert what Patless writes.`,
            remedy: `add to its source, here as a kustomization:\n${kustomizePatches({ deployment: name, account, ...lastingTenant(spec) })}`
          }
        ]
  )
}

function standsStill({ namespace, deployment }: Identified['instance'], reason: string): FindingFacts {
  return {
    id: 'workload/rollout-stalled',
    summary: `The rollout of ${namespace}/${deployment} is stalled: ${reason}. The pods that serve are older ones.`,
    remedy: 'see why, and correct it',
    command: `kubectl -n ${word(namespace)} describe deploy/${word(deployment)}\nkubectl -n ${word(namespace)} get events`
  }
}
