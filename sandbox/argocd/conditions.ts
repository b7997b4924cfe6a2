/** Defects of Argo CD and of the parts that it needs. */
export interface ArgoConditions {
  controller: 'on' | 'off'
  entraEgress: 'open' | 'blocked'
  /** `refused`: a policy of the organization does not accept the addresses of the cluster. */
  devopsEgress: 'open' | 'blocked' | 'refused'
  /** Who answers a pod without an identity of its own: nobody, the identity of the node, or several of them. */
  nodeIdentity: 'none' | 'one' | 'several'
  /** A proxy replaces the certificate of the login host. */
  tlsInspected: boolean
  /** Settings of the extension never reach the pods (Azure/AKS#5600). */
  extensionDeaf: boolean
}

export const ALL_WELL: ArgoConditions = {
  controller: 'on',
  entraEgress: 'open',
  devopsEgress: 'open',
  nodeIdentity: 'none',
  tlsInspected: false,
  extensionDeaf: false
}
