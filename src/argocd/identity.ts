/**
 * How a pod gets an identity (Azure/azure-workload-identity): an annotation on its service account and a label on the
 * pod. Both must exist before the pod is created, because the webhook runs only then.
 */
import type { V1Deployment, V1Pod, V1ServiceAccount } from '@kubernetes/client-node'
import type { IdentityPlace } from '../services/azure/managed-identities.ts'
import type { Instance } from './instance.ts'

export const CLIENT_ID = 'azure.workload.identity/client-id'
export const TENANT_ID = 'azure.workload.identity/tenant-id'
export const LABEL = 'azure.workload.identity/use'
/** Patless records the value it wrote next to each annotation; while both are equal, it may change the annotation. */
export const WROTE_CLIENT = 'patless/client-id'
export const WROTE_TENANT = 'patless/tenant-id'

export interface Identified {
  readonly instance: Instance
  /** '' while the identity does not exist. */
  readonly clientId: string
  readonly tenantId: string
  /** The cluster is in another tenant, whose id the webhook gives to pods of an account that names none. */
  readonly otherTenant: boolean
  readonly identity: IdentityPlace
  /** The token audience that Entra accepts in this cloud. */
  readonly audience: string
  /** The Entra endpoint from which the pods must request their tokens. */
  readonly authority: string
}

export interface Workload {
  readonly serviceAccount: V1ServiceAccount | undefined
  readonly deployment: V1Deployment
  readonly pods: readonly V1Pod[]
}

export function labelOf({ spec }: V1Deployment): string | undefined {
  return spec?.template.metadata?.labels?.[LABEL]
}

export function annotationsOf({ serviceAccount }: Workload): Readonly<Record<string, string>> {
  return serviceAccount?.metadata?.annotations ?? {}
}

/** Whether the account's annotations match. */
export function hasAnnotations(spec: Identified, workload: Workload): boolean {
  const { [CLIENT_ID]: client, [TENANT_ID]: tenant } = annotationsOf(workload)
  return client === spec.clientId && (tenant === spec.tenantId || !namesTenant(spec, workload))
}

/** The annotations to write, each with the record of it. */
export function annotationsFor(spec: Identified, workload: Workload): Record<string, string> {
  const { clientId } = spec
  return {
    [CLIENT_ID]: clientId,
    [WROTE_CLIENT]: clientId,
    ...(namesTenant(spec, workload) ? tenantAnnotations(spec) : {})
  }
}

export function tenantAnnotations({ tenantId }: Identified): Record<string, string> {
  return { [TENANT_ID]: tenantId, [WROTE_TENANT]: tenantId }
}

/**
 * Whether the account has to name the tenant. Without that, the webhook gives the tenant that it was installed for: on
 * AKS that of the cluster, elsewhere any, which only the pods show.
 */
export function namesTenant(spec: Identified, workload: Workload): boolean {
  const { clientId, tenantId, otherTenant, instance } = spec
  if (otherTenant || annotationsOf(workload)[TENANT_ID] !== undefined) return true
  const valueIn = (pod: Pick<V1Pod, 'spec'>, name: string): string | undefined =>
    pod.spec?.containers.find((one) => one.name === instance.container)?.env?.find((one) => one.name === name)
      ?.value
  const byHand = valueIn(workload.deployment.spec?.template ?? {}, TENANT_VARIABLE) !== undefined
  return (
    !byHand &&
    workload.pods.some((pod) => {
      const given = valueIn(pod, TENANT_VARIABLE)
      return given !== undefined && given !== tenantId && valueIn(pod, 'AZURE_CLIENT_ID') === clientId
    })
  )
}

const TENANT_VARIABLE = 'AZURE_TENANT_ID'

/** A merge patch that removes the annotations and their records; a tenant that somebody else set stays. */
export function withoutAnnotations(workload: Workload): Readonly<Record<string, null>> {
  const { [TENANT_ID]: tenant, [WROTE_TENANT]: wrote } = annotationsOf(workload)
  const ours = { [CLIENT_ID]: null, [WROTE_CLIENT]: null, [WROTE_TENANT]: null }
  return tenant === wrote ? { ...ours, [TENANT_ID]: null } : ours
}

/**
 * A merge patch for the version of the account that was read: if it has changed since, the write fails with a conflict.
 */
export function accountPatch(
  { serviceAccount }: Workload,
  annotations: Readonly<Record<string, string | null>>
): object {
  return { metadata: { resourceVersion: serviceAccount?.metadata?.resourceVersion, annotations } }
}

/** Why the rollout of the Deployment as it is now does not go on, in the controller's words. */
export function stalledOf(deployment: V1Deployment): string | undefined {
  const { spec } = deployment
  if (spec?.paused === true) return 'the Deployment is paused (spec.paused)'
  const halted = conditionOf(deployment, 'Progressing', 'False')
  return halted && (refusalOf(deployment) ?? halted.message ?? 'no reason given')
}

/**
 * Why its pods are refused (a quota, an admission webhook), in the API server's words. The controller goes on trying: it
 * may be over in a moment, and gives up only after progressDeadlineSeconds.
 */
export function refusalOf(deployment: V1Deployment): string | undefined {
  const refused = conditionOf(deployment, 'ReplicaFailure', 'True')
  return refused && (refused.message ?? 'no reason given')
}

/** Of the Deployment as it is now, not as it was before the last change. */
function conditionOf({ metadata, status }: V1Deployment, type: string, value: string) {
  const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
  return seen ? status?.conditions?.find((one) => one.type === type && one.status === value) : undefined
}

export function running({ metadata, status }: V1Pod): boolean {
  return (
    metadata?.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
  )
}
