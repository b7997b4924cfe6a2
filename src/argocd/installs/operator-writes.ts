/** Writes the ArgoCD resource of an operator, and the service account that it names (operator.ts). */
import type { V1Deployment, V1ServiceAccount } from '@kubernetes/client-node'
import {
  accountPatch,
  annotationsFor,
  CLIENT_ID,
  hasAnnotations,
  LABEL,
  labelOf,
  tenantAnnotations,
  withoutAnnotations,
  WROTE_CLIENT,
  type Identified
} from '../identity.ts'
import type { Instance } from '../instance.ts'
import { MADE_BY_PATLESS } from '../ownership.ts'
import type { InstallWrites } from './contract.ts'
import { resourceOf } from './operator.ts'
import { restart, waitForRollout } from './rollout.ts'

export const writes: InstallWrites = {
  async apply(spec, workload, { kubernetes, argocd }, policy) {
    const { instance } = spec
    const { namespace, account, clusterId } = instance
    const api = kubernetes(clusterId)
    if (!workload.serviceAccount) await api.createServiceAccount(namespace, accountFor(spec))
    else if (!hasAnnotations(spec, workload)) {
      const annotations = annotationsFor(spec, workload)
      await api.patchServiceAccount(namespace, account, accountPatch(workload, annotations))
    }
    const applied = appliedFor(instance)
    const repo = { serviceaccount: account, labels: { [LABEL]: 'true' } }
    await argocd(clusterId).patchOperated(namespace, resourceOf(instance), repo)
    if (applied(workload.deployment)) await restart(instance, api)
    await waitForRollout(instance, api, policy, applied)
  },

  async delete({ instance }, workload, { kubernetes, argocd }, policy) {
    const { namespace, account, clusterId } = instance
    const api = kubernetes(clusterId)
    await argocd(clusterId).patchOperated(namespace, resourceOf(instance), { labels: { [LABEL]: null } })
    await waitForRollout(instance, api, policy, (deployment) => labelOf(deployment) === undefined)
    if (workload.serviceAccount) {
      const annotations = withoutAnnotations(workload)
      await api.patchServiceAccount(namespace, account, accountPatch(workload, annotations))
    }
  }
}

/** Tells whether the operator has applied its resource to the Deployment. */
function appliedFor({ account }: Instance): (deployment: V1Deployment) => boolean {
  return (deployment) =>
    labelOf(deployment) === 'true' && deployment.spec?.template.spec?.serviceAccountName === account
}

function accountFor(spec: Identified): V1ServiceAccount {
  const annotations = {
    [CLIENT_ID]: spec.clientId,
    [WROTE_CLIENT]: spec.clientId,
    ...(spec.otherTenant ? tenantAnnotations(spec) : {})
  }
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: spec.instance.account, annotations, labels: MADE_BY_PATLESS }
  }
}
