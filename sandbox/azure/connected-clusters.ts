/** Microsoft.Kubernetes/connectedClusters: the twin's cluster as Azure Arc shows it. */
import type { Answer, Call, Route } from '../wire.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { IDS, type AzureState } from './state.ts'

const TYPE = 'Microsoft.Kubernetes/connectedClusters'
const ONE = `/subscriptions/:subscription/:groups(resource[gG]roups)/:group/providers/${TYPE}/:name`
export const CONNECTED_NAME = 'arc-gitops'
export const CONNECTED_ID = `/subscriptions/${IDS.subscriptionId}/resourceGroups/${IDS.resourceGroup}/providers/${TYPE}/${CONNECTED_NAME}`

export function connectedRoutes({ guarded, state, cluster }: ArmContext): Route[] {
  const get = ({ params, url }: Call): Answer => {
    const found = state().connected
    if (!found || params['name']?.toLowerCase() !== CONNECTED_NAME)
      return armError(404, 'ResourceNotFound', `The Resource '${url.pathname}' was not found.`)
    // Older and stable versions do not show the features.
    const shows = (url.searchParams.get('api-version') ?? '') >= '2024-07-15'
    return {
      status: 200,
      body: {
        id: CONNECTED_ID,
        name: CONNECTED_NAME,
        type: TYPE,
        location: IDS.location,
        identity: { type: 'SystemAssigned', tenantId: IDS.tenantId },
        properties: {
          provisioningState: 'Succeeded',
          connectivityStatus: 'Connected',
          distribution: 'k3s',
          totalNodeCount: 3,
          ...(shows && {
            oidcIssuerProfile: {
              enabled: found.issuer,
              ...(found.issuer && { issuerUrl: cluster().issuer }),
              selfHostedIssuerUrl: ''
            },
            securityProfile: { workloadIdentity: { enabled: found.workloadIdentity } }
          })
        }
      }
    }
  }
  return [['GET', ONE, guarded(`${TYPE}/read`, get)]]
}

/** The cluster is not AKS: ARM knows it by Azure Arc only. */
export function connect(state: AzureState): void {
  state.cluster = undefined
  state.connected = { issuer: true, workloadIdentity: true }
}
