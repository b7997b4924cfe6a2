/** Writes the settings of the AKS extension, and waits until it has applied them (extension.ts). */
import {
  accountPatch,
  annotationsOf,
  CLIENT_ID,
  hasAnnotations,
  labelOf,
  namesTenant,
  TENANT_ID,
  tenantAnnotations,
  withoutAnnotations,
  WROTE_TENANT,
  type Identified
} from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { Services } from '../../services/services.ts'
import { waitFor, type RunRetryPolicy } from '../../http/retry.ts'
import { Problem } from '../../core/finding.ts'
import type { InstallWrites } from './contract.ts'
import { keysOf, settingsFor } from './extension.ts'
import { restart, waitForRollout } from './rollout.ts'
import { input } from '../../core/input-name.ts'

export const writes: InstallWrites = {
  async apply(spec, workload, services, policy) {
    const api = services.kubernetes(spec.instance.clusterId)
    // The extension has no setting for the tenant. Its pods start with the settings, so the tenant is there before.
    if (namesTenant(spec, workload) && annotationsOf(workload)[TENANT_ID] !== spec.tenantId) {
      const { namespace, account } = spec.instance
      await api.patchServiceAccount(namespace, account, accountPatch(workload, tenantAnnotations(spec)))
    }
    await configure(spec.instance, settingsFor(spec), services)
    await waitForObjects(spec, services, policy)
    // The objects were right before, so the extension changes nothing and only the pods are outdated.
    if (labelOf(workload.deployment) === 'true' && hasAnnotations(spec, workload))
      await restart(spec.instance, api)
    await waitForRollout(spec.instance, api, policy)
  },

  async delete(spec, workload, services, policy) {
    const { instance } = spec
    const { namespace, account, clusterId } = instance
    const api = services.kubernetes(clusterId)
    const keys = keysOf(instance)
    await configure(instance, { [keys.enabled]: 'false', [keys.clientId]: '' }, services)
    await waitForRollout(instance, api, policy, (one) => labelOf(one) !== 'true')
    if (annotationsOf(workload)[WROTE_TENANT] === undefined) return
    const annotations = withoutAnnotations(workload)
    await api.patchServiceAccount(namespace, account, { metadata: { annotations } })
  }
}

async function configure(
  { clusterId = '', extension: installed }: Instance,
  settings: Record<string, string>,
  { extensions }: Services
): Promise<void> {
  await extensions.configure(clusterId, installed?.name ?? 'argocd', settings)
}

/** The extension's agent applies the settings some time after the ARM operation has ended. */
async function waitForObjects(
  spec: Identified,
  { kubernetes }: Services,
  policy: RunRetryPolicy
): Promise<void> {
  const { namespace, deployment, account, clusterId } = spec.instance
  const api = kubernetes(clusterId)
  const deadline = Math.min(policy.deadline, Date.now() + policy.budget)
  let label: string | undefined
  await waitFor(
    { ...policy, deadline },
    'Waiting for the extension to change the objects.',
    () => notApplied(spec, label),
    async () => {
      const [current, serviceAccount] = await Promise.all([
        api.deployment(namespace, deployment),
        api.serviceAccount(namespace, account)
      ])
      label = labelOf(current)
      const right =
        label === 'true' && hasAnnotations(spec, { serviceAccount, deployment: current, pods: [] })
      return right ? current : undefined
    }
  )
}

function notApplied({ instance }: Identified, label: string | undefined): Problem {
  return new Problem({
    id: 'argocd/extension-not-applied',
    summary:
      'The settings of the AKS extension are right, but the extension does not apply them to the pods.',
    expected: `pod template label and service account annotation ${CLIENT_ID}`,
    actual: label === 'true' ? 'the label only' : 'no label',
    remedy: `set ${input('argocd-configuration', 'manifests')}, which patches ${instance.namespace}/${instance.deployment} directly, and report the problem to the extension's maintainers`,
    link: 'https://github.com/Azure/AKS/issues/5600'
  })
}
