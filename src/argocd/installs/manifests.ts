/**
 * Plain manifests, Helm, and Argo CD that manages itself: Patless patches service account and Deployment. A patch takes
 * effect immediately, but the source of the objects does not contain it: `lasting` says what to write there.
 */
import {
  accountPatch,
  annotationsFor,
  CLIENT_ID,
  hasAnnotations,
  LABEL,
  labelOf,
  withoutAnnotations,
  type Identified
} from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { Services } from '../../services/services.ts'
import { waitFor, type RunRetryPolicy } from '../../http/retry.ts'
import { Problem, type FindingFacts } from '../../core/finding.ts'
import type { Install } from './contract.ts'
import { restart, waitForRollout } from './rollout.ts'
import { word } from '../../core/shell.ts'
import { input } from '../../core/input-name.ts'

export const manifests: Install = {
  read: () => Promise.resolve(undefined),
  clientIdIn: () => undefined,
  assess: () => [],

  async apply(spec, workload, services, policy) {
    const { namespace, deployment, account, clusterId } = spec.instance
    const api = services.kubernetes(clusterId)
    if (!hasAnnotations(spec, workload)) {
      const annotations = annotationsFor(spec, workload)
      await api.patchServiceAccount(namespace, account, accountPatch(workload, annotations))
    }
    if (labelOf(workload.deployment) === 'true') await restart(spec.instance, api)
    else {
      const template = { metadata: { labels: { [LABEL]: 'true' } } }
      await api.patchDeployment(namespace, deployment, { spec: { template } })
    }
    await waitForRollout(spec.instance, api, policy)
    await assertKept(spec, services, policy)
  },

  async delete({ instance }, workload, { kubernetes }, policy) {
    const { spec } = workload.deployment
    const { namespace, deployment, account, clusterId } = instance
    const api = kubernetes(clusterId)
    if (spec?.template.metadata?.labels?.[LABEL] !== undefined) {
      const template = { metadata: { labels: { [LABEL]: null } } }
      await api.patchDeployment(namespace, deployment, { spec: { template } })
    }
    await waitForRollout(instance, api, policy)
    const annotations = withoutAnnotations(workload)
    await api.patchServiceAccount(namespace, account, accountPatch(workload, annotations))
  },

  lasting(spec) {
    const { owner, configuration } = spec.instance
    if (owner.kind === 'helm') return valuesOf(spec)
    if (owner.kind === 'application') return patchOf(spec)
    if (owner.kind === 'plain' || configuration !== 'manifests') return undefined
    return {
      id: 'argocd/owned-by-operator',
      summary: `The ${owner.kind === 'operator' ? 'operator' : 'AKS extension'} that owns ${spec.instance.deployment} may revert the patch at any time.`,
      remedy: `set ${input('argocd-configuration', 'auto')}`
    }
  }
}

/** Argo CD that manages itself may revert the patch: a refresh makes that happen now, not after the run. */
async function assertKept(spec: Identified, services: Services, policy: RunRetryPolicy): Promise<void> {
  const { instance } = spec
  const { owner, clusterId, namespace, deployment } = instance
  if (owner.kind !== 'application') return
  const api = services.argocd(clusterId)
  await api.refresh(owner.namespace, owner.name, 'normal')
  const deadline = Math.min(policy.deadline, Date.now() + policy.budget)
  const what = `Waiting for Argo CD to refresh the Application ${owner.name}, which owns ${deployment}.`
  await waitFor(
    { ...policy, deadline },
    what,
    () => notRefreshed(owner),
    async () => {
      const application = await api.application(owner.namespace, owner.name)
      return application?.refreshing === true ? undefined : { application }
    }
  )
  await waitForRollout(instance, services.kubernetes(clusterId), policy)
  const now = await services.kubernetes(clusterId).deployment(namespace, deployment)
  if (labelOf(now) !== 'true') throw reverted(spec)
}

function notRefreshed({ namespace, name }: { readonly namespace: string; readonly name: string }): Problem {
  return new Problem({
    id: 'argocd/application-not-refreshed',
    summary: `Argo CD did not refresh the Application ${namespace}/${name}.`,
    remedy: `check that the application controller runs: kubectl -n ${word(namespace)} get pods`
  })
}

function reverted(spec: Identified): Problem {
  const { owner, deployment } = spec.instance
  const name = owner.kind === 'application' ? owner.name : ''
  return new Problem({
    id: 'argocd/label-reverted',
    summary: `The Application ${name} removes the label of ${deployment} when it syncs.`,
    expected: `pod template label ${LABEL}: "true" after a refresh`,
    actual: 'reverted',
    remedy: patchOf(spec).remedy
  })
}

/** A kustomize patch for the repository from which Argo CD installs itself. */
function patchOf({ instance, clientId }: Identified): FindingFacts {
  const { owner, deployment, account } = instance
  const name = owner.kind === 'application' ? owner.name : ''
  return {
    id: 'argocd/self-managed',
    summary: `Argo CD manages itself by the Application ${name}: the next sync may revert the patch unless its source has it.`,
    remedy: `add to the kustomization that ${name} syncs:
${kustomizePatches({ deployment, account, clientId })}`
  }
}

/**
 * Strategic merge patches, which add keys to a map or create the map. A JSON patch would have to know whether the map
 * exists.
 */
export function kustomizePatches(of: {
  readonly deployment: string
  readonly account: string
  readonly clientId: string
}): string {
  const { deployment, account, clientId } = of
  const annotations = { [CLIENT_ID]: clientId }
  const template = { metadata: { labels: { [LABEL]: 'true' } } }
  const patches = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, annotations } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: deployment }, spec: { template } }
  ]
  // With a target, because a patch alone does not match an object with an explicit namespace.
  const lines = patches.map(
    (patch) => `  - target: {kind: ${patch.kind}, name: ${patch.metadata.name}}
    patch: '${JSON.stringify(patch)}'`
  )
  return `patches:\n${lines.join('\n')}`
}

/** Values of the chart argo/argo-cd, which has no setting for workload identity (argo-helm #3679). */
function valuesOf({ instance, clientId }: Identified): FindingFacts {
  const { release } = instance.owner as Extract<Instance['owner'], { kind: 'helm' }>
  return {
    id: 'argocd/helm-values',
    summary: `Helm owns ${instance.deployment} (release ${release}): the next upgrade reverts the patch unless its values contain it.`,
    remedy: `set these values of the release:
repoServer:
  podLabels: {${LABEL}: "true"}
  serviceAccount: {annotations: {${CLIENT_ID}: ${clientId}}}`
  }
}
