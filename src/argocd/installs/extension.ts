/**
 * The AKS extension Microsoft.ArgoCD: its settings are changed, and it changes label and annotation itself. The
 * settings alone prove nothing: they have been seen to do nothing (Azure/AKS#5600), so the pods are waited for.
 */
import { annotated, CLIENT_ID, labelOf, type Identified } from '../identity.ts'
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
    return (fresh ? await extensions.argocd(clusterId) : known)?.settings ?? {}
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
    await configured(spec.instance, settingsFor(spec), services)
    await appeared(spec, services, policy)
    // Nothing for the extension to do: then it is the pods that are too old.
    if (labelOf(workload.deployment) === 'true' && annotated(spec, workload))
      await restart(spec.instance, api)
    await waitForRollout(spec.instance, api, policy)
  },

  async delete(spec, _workload, services, policy) {
    const { instance } = spec
    const keys = keysOf(instance)
    await configured(instance, { [keys.enabled]: 'false', [keys.clientId]: '' }, services)
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

/** The command that gives up the identity of the settings. */
export function resetting({ instance, clientId }: Identified): string {
  const [, , , , group = '', , , , cluster = ''] = (instance.clusterId ?? '').split('/')
  return `az k8s-extension update --cluster-type managedClusters --resource-group ${word(group)} --cluster-name ${word(cluster)} --name ${word(instance.extension?.name ?? 'argocd')} --configuration-settings ${word(`${keysOf(instance).clientId}=${clientId}`)}`
}

function settingsFor({ instance, clientId }: Identified): Record<string, string> {
  const { enabled, clientId: key } = keysOf(instance)
  return { [enabled]: 'true', [key]: clientId }
}

async function configured(
  { clusterId = '', extension: installed }: Instance,
  settings: Record<string, string>,
  { extensions }: Services
): Promise<void> {
  await extensions.configure(clusterId, installed?.name ?? 'argocd', settings)
}

/** The extension's agent carries the settings out some time after the operation has ended. */
async function appeared(spec: Identified, { kubernetes }: Services, policy: RunRetryPolicy): Promise<void> {
  const { namespace, deployment, account, clusterId } = spec.instance
  const api = kubernetes(clusterId)
  const deadline = Math.min(policy.deadline, Date.now() + policy.budget)
  let label: string | undefined
  await waitFor(
    { ...policy, deadline },
    'Waiting for the extension to change the objects.',
    () => deaf(spec, label),
    async () => {
      const [current, serviceAccount] = await Promise.all([
        api.deployment(namespace, deployment),
        api.serviceAccount(namespace, account)
      ])
      label = labelOf(current)
      const right = label === 'true' && annotated(spec, { serviceAccount, deployment: current, pods: [] })
      return right ? current : undefined
    }
  )
}

function deaf({ instance }: Identified, label: string | undefined): Problem {
  return new Problem({
    id: 'argocd/extension-not-applied',
    summary: 'The settings of the AKS extension are right, but they do not reach the pods.',
    expected: `pod template label and service account annotation ${CLIENT_ID}`,
    actual: label === 'true' ? 'the label only' : 'no label',
    remedy: `set ${input('argocd-configuration', 'manifests')}, which patches ${instance.namespace}/${instance.deployment} itself, and report it to the extension`,
    link: 'https://github.com/Azure/AKS/issues/5600'
  })
}
