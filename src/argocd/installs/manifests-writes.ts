/** Writes to plain manifests, Helm, and Argo CD that manages itself: service account and Deployment (manifests.ts). */
import {
  accountPatch,
  annotationsFor,
  hasAnnotations,
  LABEL,
  labelOf,
  withoutAnnotations,
  type Identified
} from '../identity.ts'
import type { Services } from '../../services/services.ts'
import { waitFor, type RunRetryPolicy } from '../../http/retry.ts'
import { Problem } from '../../core/finding.ts'
import type { InstallWrites } from './contract.ts'
import { patchOf } from './manifests.ts'
import { restart, waitForRollout } from './rollout.ts'
import { word } from '../../core/shell.ts'

export const writes: InstallWrites = {
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
    remedy: 'check that the application controller runs',
    command: `kubectl -n ${word(namespace)} get pods`
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
