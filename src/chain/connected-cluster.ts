/** How a cluster that Azure Arc connects differs: Patless reads it, and never writes it. */
import type { ConnectedCluster } from '../services/azure/connected-clusters.ts'
import { word } from '../core/shell.ts'
import type { Difference } from '../engine/outcome.ts'

export function isConnected(id: string | undefined): boolean {
  return /\/providers\/Microsoft\.Kubernetes\/connectedClusters\//i.test(id ?? '')
}

/** A cluster that Azure Arc connects, as read: told by its class from one of AKS, whose shape is open. */
export class Connected {
  readonly cluster: ConnectedCluster
  constructor(cluster: ConnectedCluster) {
    this.cluster = cluster
  }
}

/** Both features also need flags of the API server, which only who runs the cluster can set. */
export function connectedDifferences({ id, name, ...state }: ConnectedCluster): Difference[] {
  const [, , , , group = ''] = id.split('/')
  const off = (field: string, on: boolean, flag: string): Difference[] =>
    on
      ? []
      : [
          {
            field,
            expected: 'true',
            actual: 'false',
            blocked: {
              id: 'cluster/feature-off',
              summary: `${field} of the connected cluster ${name} is off. It also needs flags of the API server, so Patless does not turn it on.`,
              remedy: 'turn it on, then give the API server the issuer that the command shows',
              command: `az connectedk8s update -g ${word(group)} -n ${word(name)} ${flag}`,
              link: 'https://learn.microsoft.com/azure/azure-arc/kubernetes/workload-identity'
            }
          }
        ]
  return [
    ...off('oidcIssuerProfile.enabled', state.issuerEnabled, '--enable-oidc-issuer'),
    ...off('securityProfile.workloadIdentity.enabled', state.workloadIdentity, '--enable-workload-identity')
  ]
}
