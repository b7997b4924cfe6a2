/**
 * The AKS extension Microsoft.ArgoCD: its settings are changed, and it changes label and annotation itself. The
 * settings alone prove nothing: they have been seen to do nothing (Azure/AKS#5600), so the pods are waited for.
 */
import { annotated, CLIENT_ID, labelOf, type Identified } from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { ArgocdExtension } from '../../services/azure/extensions.ts'
import type { Planes } from '../../services/services.ts'
import { awaited, type RunPatience } from '../../http/retry.ts'
import { Problem } from '../../core/problem.ts'
import type { Change } from '../../engine/outcome.ts'
import type { Install } from './contract.ts'
import { restarted, rolledOut } from './rollout.ts'
import { word } from '../../core/shell.ts'

export const extension: Install<ArgocdExtension['settings']> = {
  async observe({ clusterId = '', extension: known }, { extensions }, fresh) {
    return (fresh ? (await extensions.argocd(clusterId)).extension : known)?.settings ?? {}
  },

  clientIdIn: (instance, settings) => settings[keysOf(instance).clientId],

  compare: (want, settings) =>
    Object.entries(settingsFor(want)).flatMap(([key, expected]): Change[] =>
      settings[key] === expected
        ? []
        : [{ field: `extension setting ${key}`, expected, found: settings[key] }]
    ),

  async apply(want, workload, planes, patience) {
    const api = planes.kubernetes(want.instance.clusterId)
    await configured(want.instance, settingsFor(want), planes)
    await appeared(want, planes, patience)
    // Nothing for the extension to do: then it is the pods that are too old.
    if (labelOf(workload.deployment) === 'true' && annotated(want, workload))
      await restarted(want.instance, api)
    await rolledOut(want.instance, api, patience)
  },

  async remove(want, _workload, planes, patience) {
    const { instance } = want
    const keys = keysOf(instance)
    await configured(instance, { [keys.enabled]: 'false', [keys.clientId]: '' }, planes)
    await rolledOut(
      instance,
      planes.kubernetes(instance.clusterId),
      patience,
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
  { extensions }: Planes
): Promise<void> {
  await extensions.configure(clusterId, installed?.name ?? 'argocd', settings)
}

/** The extension's agent carries the settings out some time after the operation has ended. */
async function appeared(want: Identified, { kubernetes }: Planes, patience: RunPatience): Promise<void> {
  const { namespace, deployment, account, clusterId } = want.instance
  const api = kubernetes(clusterId)
  const deadline = Math.min(patience.deadline, Date.now() + patience.budget)
  let label: string | undefined
  await awaited(
    { ...patience, deadline },
    'Waiting for the extension to change the objects.',
    () => deaf(want, label),
    async () => {
      const [current, serviceAccount] = await Promise.all([
        api.deployment(namespace, deployment),
        api.serviceAccount(namespace, account)
      ])
      label = labelOf(current)
      const right = label === 'true' && annotated(want, { serviceAccount, deployment: current, pods: [] })
      return right ? current : undefined
    }
  )
}

function deaf({ instance }: Identified, label: string | undefined): Problem {
  return new Problem({
    what: 'The settings of the AKS extension are right, but they do not reach the pods.',
    expected: `pod template label and service account annotation ${CLIENT_ID}`,
    found: label === 'true' ? 'the label only' : 'no label',
    remedy: `set argocd-configuration: manifests, which patches ${instance.namespace}/${instance.deployment} itself, and report it to the extension`,
    link: 'https://github.com/Azure/AKS/issues/5600'
  })
}
