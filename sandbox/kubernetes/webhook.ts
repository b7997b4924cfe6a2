/** The workload identity webhook (Azure/azure-workload-identity v1.6): looks at a pod once, when it is created. */
import type { V1Container, V1Pod, V1ServiceAccount } from '@kubernetes/client-node'
import { StatusError } from './objects.ts'

const PREFIX = 'azure.workload.identity/'
export const USE_LABEL = `${PREFIX}use`
export const CLIENT_ID_ANNOTATION = `${PREFIX}client-id`
/** AKS identity bindings (preview): another audience, which no federated credential of Argo CD's names. */
const BINDING = `${PREFIX}use-identity-binding`
const MOUNT = '/var/run/secrets/azure/wi/token'

export function mutated(
  pod: V1Pod,
  account: V1ServiceAccount | undefined,
  tenantId: string,
  authorityHost: string
): V1Pod {
  if (pod.metadata?.labels?.[USE_LABEL] !== 'true' || !pod.spec) return pod
  const annotations = account?.metadata?.annotations ?? {}
  const expiration = Number(annotations[`${PREFIX}service-account-token-expiration`] ?? 3600)
  if (!(expiration >= 3600 && expiration <= 86_400)) {
    throw new StatusError(
      400,
      'BadRequest',
      'admission webhook "mutation.azure-workload-identity.io" denied the request: service account token expiration must be between 3600 and 86400 seconds'
    )
  }
  const values = {
    AZURE_CLIENT_ID: annotations[CLIENT_ID_ANNOTATION] ?? '',
    AZURE_TENANT_ID: annotations[`${PREFIX}tenant-id`] ?? tenantId,
    AZURE_FEDERATED_TOKEN_FILE: `${MOUNT}/azure-identity-token`,
    AZURE_AUTHORITY_HOST: `${authorityHost}/`
  }
  const skipped = (pod.metadata.annotations?.[`${PREFIX}skip-containers`] ?? '')
    .split(';')
    .map((name) => name.trim())
  const inject = (container: V1Container): V1Container => {
    if (skipped.includes(container.name)) return container
    const present = new Set((container.env ?? []).map(({ name }) => name))
    // Only what is not empty, and only where the name is not taken.
    const added = Object.entries(values).filter(([name, value]) => value !== '' && !present.has(name))
    return {
      ...container,
      env: [...(container.env ?? []), ...added.map(([name, value]) => ({ name, value }))],
      volumeMounts: [
        ...(container.volumeMounts ?? []),
        { name: 'azure-identity-token', mountPath: MOUNT, readOnly: true }
      ]
    }
  }
  const source = {
    serviceAccountToken: {
      path: 'azure-identity-token',
      expirationSeconds: expiration,
      audience:
        pod.metadata.annotations?.[BINDING] === 'true'
          ? 'api://AKSIdentityBinding'
          : 'api://AzureADTokenExchange'
    }
  }
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: pod.spec.containers.map(inject),
      ...(pod.spec.initContainers ? { initContainers: pod.spec.initContainers.map(inject) } : {}),
      volumes: [
        ...(pod.spec.volumes ?? []),
        { name: 'azure-identity-token', projected: { defaultMode: 420, sources: [source] } }
      ]
    }
  }
}
