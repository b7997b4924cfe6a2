/**
 * What makes a pod carry an identity (Azure/azure-workload-identity): annotation on its service account, label on the
 * pod, both before the pod is created, since the webhook looks at it once.
 */
import type { V1Deployment, V1Pod, V1ServiceAccount } from '@kubernetes/client-node'
import type { IdentityPlace } from '../services/azure/managed-identities.ts'
import type { Instance } from './instance.ts'

export const CLIENT_ID = 'azure.workload.identity/client-id'
export const TENANT_ID = 'azure.workload.identity/tenant-id'
export const LABEL = 'azure.workload.identity/use'
/** Beside each annotation, the value that Patless wrote: while both agree, the value is ours to change. */
export const WROTE_CLIENT = 'patless/client-id'
export const WROTE_TENANT = 'patless/tenant-id'

export interface Identified {
  readonly instance: Instance
  /** '' as long as the identity does not exist. */
  readonly clientId: string
  readonly tenantId: string
  readonly identity: IdentityPlace
  /** Of the tokens that Entra takes in this cloud. */
  readonly audience: string
  /** Of Entra: where the pods have to ask for their tokens. */
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

/** Whether the account's annotations are as wanted. A tenant is only wanted where one is named. */
export function annotated({ clientId, tenantId }: Identified, workload: Workload): boolean {
  const annotations = annotationsOf(workload)
  return annotations[CLIENT_ID] === clientId && (annotations[TENANT_ID] ?? tenantId) === tenantId
}

/** The annotations to write, each with its mark; a tenant that is named already is corrected. */
export function annotationsFor(
  { clientId, tenantId }: Identified,
  workload: Workload
): Record<string, string> {
  const named = annotationsOf(workload)[TENANT_ID] !== undefined
  return {
    [CLIENT_ID]: clientId,
    [WROTE_CLIENT]: clientId,
    ...(named ? { [TENANT_ID]: tenantId, [WROTE_TENANT]: tenantId } : {})
  }
}

/** A merge patch that takes the annotations and their marks away; a tenant that somebody else named stays. */
export function withoutAnnotations(workload: Workload): Readonly<Record<string, null>> {
  const { [TENANT_ID]: tenant, [WROTE_TENANT]: wrote } = annotationsOf(workload)
  const ours = { [CLIENT_ID]: null, [WROTE_CLIENT]: null, [WROTE_TENANT]: null }
  return tenant === wrote ? { ...ours, [TENANT_ID]: null } : ours
}

/** A merge patch of the account as it was read: one that has changed since is looked at anew first. */
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
