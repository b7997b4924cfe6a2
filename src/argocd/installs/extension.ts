/**
 * The AKS extension Microsoft.ArgoCD: Patless changes its settings, and the extension sets label and annotation.
 * Settings alone prove nothing, because they are known to have no effect at times (Azure/AKS#5600); so apply waits for
 * the pods.
 */
import { CLIENT_ID, hasAnnotations, labelOf, type Identified } from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { ArgocdExtension } from '../../services/azure/extensions.ts'
import type { Services } from '../../services/services.ts'
import { waitFor, type RunRetryPolicy } from '../../http/retry.ts'
import { Problem } from '../../core/finding.ts'
import type { Difference } from '../../engine/outcome.ts'
import type { Install } from './contract.ts'
import { restart, waitForRollout } from './rollout.ts'
import { word } from '../../core/shell.ts'
import { input } from '../../core/input-name.ts'

export const extension: Install<ArgocdExtension['settings']> = {
  async read({ clusterId = '', extension: known }, { extensions }, fresh) {
    return (fresh ? (await extensions.argocd(clusterId)).extension : known)?.settings ?? {}
  },

  clientIdIn: (instance, settings) => settings[keysOf(instance).clientId],

  assess: (spec, settings) =>
    Object.entries(settingsFor(spec)).flatMap(([key, expected]): Difference[] =>
      settings[key] === expected
        ? []
        : [{ field: `extension setting ${key}`, expected, actual: settings[key] }]
    ),

  async apply(spec, workload, services, policy) {
    const api = services.kubernetes(spec.instance.clusterId)
    await configure(spec.instance, settingsFor(spec), services)
    await waitForObjects(spec, services, policy)
    // The objects were right before, so the extension changes nothing and only the pods are outdated.
    if (labelOf(workload.deployment) === 'true' && hasAnnotations(spec, workload))
      await restart(spec.instance, api)
    await waitForRollout(spec.instance, api, policy)
  },

  async delete(spec, _workload, services, policy) {
    const { instance } = spec
    const keys = keysOf(instance)
    await configure(instance, { [keys.enabled]: 'false', [keys.clientId]: '' }, services)
    await waitForRollout(
      instance,
      services.kubernetes(instance.clusterId),
      policy,
      (one) => labelOf(one) !== 'true'
    )
  },

  lasting: () => undefined
}

function keysOf({ extension }: Instance) {
  return (
    extension?.keys ?? {
      enabled: 'azure.workloadIdentity.enabled',
      clientId: 'azure.workloadIdentity.clientId'
    }
  )
}

/** The command that replaces the identity in the settings. */
export function resetting({ instance, clientId }: Identified): string {
  const [, , , , group = '', , , , cluster = ''] = (instance.clusterId ?? '').split('/')
  return `az k8s-extension update --cluster-type managedClusters --resource-group ${word(group)} --cluster-name ${word(cluster)} --name ${word(instance.extension?.name ?? 'argocd')} --configuration-settings ${word(`${keysOf(instance).clientId}=${clientId}`)}`
}

function settingsFor({ instance, clientId }: Identified): Record<string, string> {
  const { enabled, clientId: key } = keysOf(instance)
  return { [enabled]: 'true', [key]: clientId }
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
