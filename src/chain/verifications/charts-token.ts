/** For what the repo-server asks Entra when it reads from a registry (argo-cd util/helm/creds.go). */
import type { Instance } from '../../argocd/instance.ts'

/** Registries themselves. */
export const ACR_RESOURCE = 'https://containerregistry.azure.net'
/** Azure Resource Manager by its oldest name: what Argo CD takes without a setting. */
const ARM_RESOURCE = 'https://management.core.windows.net'
const VARIABLE = 'AZURE_ARM_TOKEN_RESOURCE'
/** It becomes part of a request to Entra. */
const RESOURCE = /^(?:https|api):\/\/[\w.:/-]{1,200}$/

export function chartResource({ object, container }: Pick<Instance, 'object' | 'container'>): string {
  const { env = [] } = object.spec?.template.spec?.containers.find(({ name }) => name === container) ?? {}
  const set = env.find(({ name }) => name === VARIABLE)?.value?.trim() ?? ''
  return RESOURCE.test(set) ? set : ARM_RESOURCE
}
