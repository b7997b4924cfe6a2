/** Defects of Argo CD and of the parts that it needs. */
export interface ArgoConditions {
  controller: 'on' | 'off'
  entraEgress: 'open' | 'blocked'
  devopsEgress: 'open' | 'blocked'
  /** Settings of the extension never reach the pods (Azure/AKS#5600). */
  extensionDeaf: boolean
}

export const ALL_WELL: ArgoConditions = {
  controller: 'on',
  entraEgress: 'open',
  devopsEgress: 'open',
  extensionDeaf: false
}
