/** The workload identity webhook (Azure/azure-workload-identity v1.6): handles a pod only once, when it is created. */
import { createHash } from 'node:crypto'
import type { V1Container, V1Pod, V1ServiceAccount } from '@kubernetes/client-node'
import { StatusError } from './objects.ts'

const PREFIX = 'azure.workload.identity/'
export const USE_LABEL = `${PREFIX}use`
export const CLIENT_ID_ANNOTATION = `${PREFIX}client-id`
/** AKS identity bindings (preview): another audience, which no federated credential for Argo CD has. */
const BINDING = `${PREFIX}use-identity-binding`
const MOUNT = '/var/run/secrets/azure/wi'
const TOKEN = 'token/azure-identity-token'

export function mutated(
  pod: V1Pod,
  account: V1ServiceAccount | undefined,
  tenantId: string,
  authorityHost: string
): V1Pod {
  if (pod.metadata?.labels?.[USE_LABEL] !== 'true' || !pod.spec) return pod
  const annotations = account?.metadata?.annotations ?? {}
  const expiration = expirationOf(pod.metadata.annotations) ?? expirationOf(annotations) ?? 3600
  const values = {
    AZURE_CLIENT_ID: annotations[CLIENT_ID_ANNOTATION] ?? '',
    AZURE_TENANT_ID: annotations[`${PREFIX}tenant-id`] ?? tenantId,
    AZURE_FEDERATED_TOKEN_FILE: `${MOUNT}/${TOKEN}`,
    AZURE_AUTHORITY_HOST: `${authorityHost}/`
  }
  const volume = volumeName(pod)
  const skipped = (pod.metadata.annotations?.[`${PREFIX}skip-containers`] ?? '')
    .split(';')
    .map((name) => name.trim())
  const inject = (container: V1Container): V1Container => {
    if (skipped.includes(container.name)) return container
    const present = new Set((container.env ?? []).map(({ name }) => name))
    // Sets only values that are not empty, and only variables that do not exist.
    const added = Object.entries(values).filter(([name, value]) => value !== '' && !present.has(name))
    return {
      ...container,
      env: [...(container.env ?? []), ...added.map(([name, value]) => ({ name, value }))],
      volumeMounts: [...(container.volumeMounts ?? []), { name: volume, mountPath: MOUNT, readOnly: true }]
    }
  }
  const source = {
    serviceAccountToken: {
      path: TOKEN,
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
        { name: volume, projected: { defaultMode: 420, sources: [source] } }
      ]
    }
  }
}

/** The pod's own annotation takes precedence over the service account's. */
function expirationOf(annotations: Readonly<Record<string, string>> | undefined): number | undefined {
  const text = annotations?.[`${PREFIX}service-account-token-expiration`]
  if (text === undefined || text === '') return undefined
  if (!/^[+-]?\d+$/.test(text)) throw denied(`strconv.ParseInt: parsing "${text}": invalid syntax`)
  const seconds = Number(text)
  if (seconds >= 3600 && seconds <= 86_400) return seconds
  throw denied(`token expiration ${seconds} not valid. Expected value to be between 3600 and 86400`)
}

function denied(why: string): StatusError {
  const text = `admission webhook "mutation.azure-workload-identity.io" denied the request: ${why}`
  return new StatusError(400, '', text)
}

/** A name that nobody uses by chance: a hash of the pod's name or generateName. */
function volumeName({ metadata }: V1Pod): string {
  const prefix = 'azure-workload-identity-reserved-'
  const name = metadata?.name ?? `${metadata?.generateName ?? ''} (prefix)`
  const hash = createHash('sha256').update(name).digest('hex')
  return prefix + hash.slice(0, 63 - prefix.length)
}
