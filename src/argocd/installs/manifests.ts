/**
 * Plain manifests, Helm, and Argo CD that manages itself: service account and Deployment are patched. A patch is live
 * at once, but the source that made the objects does not know of it: `lasting` says what to write there.
 */
import {
  accountPatch,
  annotated,
  annotationsFor,
  CLIENT_ID,
  LABEL,
  labelOf,
  withoutAnnotations,
  type Identified
} from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { Planes } from '../../services/services.ts'
import { awaited, type RunPatience } from '../../http/retry.ts'
import { Problem, type ProblemFacts } from '../../core/problem.ts'
import type { Install } from './contract.ts'
import { restarted, rolledOut } from './rollout.ts'
import { word } from '../../core/shell.ts'

export const manifests: Install = {
  observe: () => Promise.resolve(undefined),
  clientIdIn: () => undefined,
  compare: () => [],

  async apply(want, workload, planes, patience) {
    const { namespace, deployment, account, clusterId } = want.instance
    const api = planes.kubernetes(clusterId)
    if (!annotated(want, workload)) {
      const annotations = annotationsFor(want, workload)
      await api.patchServiceAccount(namespace, account, accountPatch(workload, annotations))
    }
    if (labelOf(workload.deployment) === 'true') await restarted(want.instance, api)
    else {
      const template = { metadata: { labels: { [LABEL]: 'true' } } }
      await api.patchDeployment(namespace, deployment, { spec: { template } })
    }
    await rolledOut(want.instance, api, patience)
    await survived(want, planes, patience)
  },

  async remove({ instance }, workload, { kubernetes }, patience) {
    const { spec } = workload.deployment
    const { namespace, deployment, account, clusterId } = instance
    const api = kubernetes(clusterId)
    if (spec?.template.metadata?.labels?.[LABEL] !== undefined) {
      const template = { metadata: { labels: { [LABEL]: null } } }
      await api.patchDeployment(namespace, deployment, { spec: { template } })
    }
    await rolledOut(instance, api, patience)
    const annotations = withoutAnnotations(workload)
    await api.patchServiceAccount(namespace, account, accountPatch(workload, annotations))
  },

  lasting(want) {
    const { owner, configuration } = want.instance
    if (owner.kind === 'helm') return valuesOf(want)
    if (owner.kind === 'application') return patchOf(want)
    if (owner.kind === 'plain' || configuration !== 'manifests') return undefined
    return {
      what: `The ${owner.kind === 'operator' ? 'operator' : 'AKS extension'} that owns ${want.instance.deployment} may undo the patch at any time.`,
      remedy: 'set argocd-configuration: auto'
    }
  }
}

/** Argo CD that manages itself may take the patch back: it is asked to look at once, not when nobody watches. */
async function survived(want: Identified, planes: Planes, patience: RunPatience): Promise<void> {
  const { instance } = want
  const { owner, clusterId, namespace, deployment } = instance
  if (owner.kind !== 'application') return
  const api = planes.argocd(clusterId)
  await api.refresh(owner.namespace, owner.name, 'normal')
  const deadline = Math.min(patience.deadline, Date.now() + patience.budget)
  const what = `Waiting for Argo CD to refresh the Application ${owner.name}, which owns ${deployment}.`
  await awaited(
    { ...patience, deadline },
    what,
    () => unrefreshed(owner),
    async () => {
      const application = await api.application(owner.namespace, owner.name)
      return application?.refreshing === true ? undefined : { application }
    }
  )
  await rolledOut(instance, planes.kubernetes(clusterId), patience)
  const now = await planes.kubernetes(clusterId).deployment(namespace, deployment)
  if (labelOf(now) !== 'true') throw reverted(want)
}

function unrefreshed({ namespace, name }: { readonly namespace: string; readonly name: string }): Problem {
  return new Problem({
    what: `Argo CD does not refresh the Application ${namespace}/${name}.`,
    remedy: `see whether the application controller runs: kubectl -n ${word(namespace)} get pods`
  })
}

function reverted(want: Identified): Problem {
  const { owner, deployment } = want.instance
  const name = owner.kind === 'application' ? owner.name : ''
  return new Problem({
    what: `The Application ${name} takes the label of ${deployment} away again when it syncs.`,
    expected: `pod template label ${LABEL}: "true" after a refresh`,
    found: 'reverted',
    remedy: patchOf(want).remedy
  })
}

/** For the repository that Argo CD installs itself from: a kustomize patch. */
function patchOf({ instance, clientId }: Identified): ProblemFacts {
  const { owner, deployment, account } = instance
  const name = owner.kind === 'application' ? owner.name : ''
  return {
    what: `Argo CD manages itself by the Application ${name}: the patch lasts only until its source says otherwise.`,
    remedy: `add to the kustomization that ${name} syncs:
${kustomizePatches({ deployment, account, clientId })}`
  }
}

/**
 * Strategic merge patches: they add keys to the maps that are there, and make those that are not. JSON patches would
 * need to know which of both it is.
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
  // By target, since a patch alone does not match an object whose namespace is written out.
  const lines = patches.map(
    (patch) => `  - target: {kind: ${patch.kind}, name: ${patch.metadata.name}}
    patch: '${JSON.stringify(patch)}'`
  )
  return `patches:\n${lines.join('\n')}`
}

/** Keys of the chart argo/argo-cd; it has no switch of its own for workload identity (argo-helm #3679). */
function valuesOf({ instance, clientId }: Identified): ProblemFacts {
  const { release } = instance.owner as Extract<Instance['owner'], { kind: 'helm' }>
  return {
    what: `Helm owns ${instance.deployment} (release ${release}): the next upgrade keeps the patch only if its values say the same.`,
    remedy: `set these values of the release:
repoServer:
  podLabels: {${LABEL}: "true"}
  serviceAccount: {annotations: {${CLIENT_ID}: ${clientId}}}`
  }
}
