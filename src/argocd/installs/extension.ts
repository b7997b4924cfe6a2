/**
 * The AKS extension Microsoft.ArgoCD: Patless changes its settings, and the extension sets label and annotation.
 * Settings alone prove nothing, because they are known to have no effect at times (Azure/AKS#5600); so apply waits for
 * the pods.
 */
import { type Identified } from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { ArgocdExtension } from '../../services/azure/extensions.ts'
import type { Difference } from '../../engine/outcome.ts'
import type { Install } from './contract.ts'
import { word } from '../../core/shell.ts'

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

  lasting: () => undefined
}

export function keysOf({ extension }: Instance) {
  return (
    extension?.keys ?? {
      enabled: 'azure.workloadIdentity.enabled',
      clientId: 'azure.workloadIdentity.clientId'
    }
  )
}

/** The command that replaces the identity in the settings. */
export function resetCommand({ instance, clientId }: Identified): string {
  const [, , , , group = '', , , type = '', cluster = ''] = (instance.clusterId ?? '').split('/')
  return `az k8s-extension update --cluster-type ${word(type)} --resource-group ${word(group)} --cluster-name ${word(cluster)} --name ${word(instance.extension?.name ?? 'argocd')} --configuration-settings ${word(`${keysOf(instance).clientId}=${clientId}`)}`
}

export function settingsFor({ instance, clientId }: Identified): Record<string, string> {
  const { enabled, clientId: key } = keysOf(instance)
  return { [enabled]: 'true', [key]: clientId }
}
