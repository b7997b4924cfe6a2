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

/** Whether the account's annotations match. The tenant annotation is optional; when present, it must match too. */
export function hasAnnotations({ clientId, tenantId }: Identified, workload: Workload): boolean {
  const annotations = annotationsOf(workload)
  return annotations[CLIENT_ID] === clientId && (annotations[TENANT_ID] ?? tenantId) === tenantId
}

/**
 * The annotations to write, each with the record of it; the tenant is written only where the account already has one.
 */
export function annotationsFor(
  { clientId, tenantId }: Identified,
  workload: Workload
): Record<string, string> {
  const hasTenant = annotationsOf(workload)[TENANT_ID] !== undefined
  return {
    [CLIENT_ID]: clientId,
    [WROTE_CLIENT]: clientId,
    ...(hasTenant ? { [TENANT_ID]: tenantId, [WROTE_TENANT]: tenantId } : {})
  }
}

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

/** The controller's reason why the rollout of the current Deployment is stalled; undefined when it is not. */
export function stalledOf({ metadata, status }: V1Deployment): string | undefined {
  const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
  const condition = (type: string, value: string) =>
    status?.conditions?.find((one) => one.type === type && one.status === value)
  const halted = condition('Progressing', 'False')
  if (!seen || !halted) return undefined
  return condition('ReplicaFailure', 'True')?.message ?? halted.message ?? 'no reason given'
}

export function running({ metadata, status }: V1Pod): boolean {
  return (
    metadata?.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
  )
}
