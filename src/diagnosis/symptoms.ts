/** Findings that are usually the consequence of another: what fails later when an earlier part of the chain is wrong. */
import type { FindingId } from '../core/finding-titles.ts'

/** Argo CD cannot be seen to read. */
export const OF_ARGOCD: readonly FindingId[] = [
  'argocd/cannot-read',
  'argocd/fetch-fails',
  'argocd/no-credentials-matched',
  'verification/never-seen'
]

/** Azure Repos does not let the identity read. */
export const OF_READING: readonly FindingId[] = [
  ...OF_ARGOCD,
  'azure-devops/forbidden',
  'azure-devops/not-a-member',
  'azure-devops/read-not-granted',
  'azure-devops/repository-disabled',
  'azure-devops/repository-not-shown',
  'azure-devops/sign-in-page',
  'azure-devops/token-refused',
  'entitlement/drifted',
  'permission/drifted',
  'verification/no-refs'
]

/** Entra gives no token for the trust as it is. */
export const OF_TRUST: readonly FindingId[] = [
  ...OF_ARGOCD,
  'entra/audience-differs',
  'entra/case-differs',
  'entra/identity-unknown',
  'entra/issuer-unknown',
  'entra/key-unknown',
  'entra/no-credential',
  'entra/refused',
  'entra/subject-unknown',
  'federated-credential/drifted'
]

/** A pod does not carry the identity, or another one. */
export const OF_PODS: readonly FindingId[] = [
  ...OF_ARGOCD,
  'argocd/extension-not-applied',
  'argocd/reads-nothing',
  'entra/audience-differs',
  'entra/identity-unknown',
  'entra/refused',
  'entra/secret-refused',
  'entra/subject-unknown',
  'entra/tenant-unknown',
  'workload/client-secret-wins',
  'workload/drifted',
  'workload/no-identity',
  'workload/node-identity',
  'workload/rollout-stalled',
  'workload/rollout-stuck'
]

/** Argo CD uses other credentials, or none. */
export const OF_CONNECTION: readonly FindingId[] = [
  ...OF_ARGOCD,
  'connection/drifted',
  'connection/shadowed',
  'argocd/reads-nothing'
]

/** The network of the pods. */
export const OF_NETWORK: readonly FindingId[] = [
  ...OF_ARGOCD,
  'argocd/complaint',
  'argocd/no-network',
  'argocd/certificate-untrusted',
  'verification/no-answer'
]
