/** Microsoft.Kubernetes/connectedClusters: the twin's cluster as Azure Arc shows it. */
import type { Answer, Call, Route } from '../wire.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { furtherClusterOf } from './further-clusters.ts'
import { IDS, type AzureState } from './state.ts'

const TYPE = 'Microsoft.Kubernetes/connectedClusters'
const ONE = `/subscriptions/:subscription/:groups(resource[gG]roups)/:group/providers/${TYPE}/:name`
export const CONNECTED_NAME = 'arc-gitops'
export const CONNECTED_ID = `/subscriptions/${IDS.subscriptionId}/resourceGroups/${IDS.resourceGroup}/providers/${TYPE}/${CONNECTED_NAME}`

const ALL_ON = { issuer: true, workloadIdentity: true }

export function connectedRoutes({ guarded, state, cluster }: ArmContext): Route[] {
  const get = (call: Call): Answer => {
    const { params, url } = call
    const further = furtherClusterOf(state(), 'connected', params)
    const found = further ? ALL_ON : state().connected
    if (!found || (!further && params['name']?.toLowerCase() !== CONNECTED_NAME))
      return armError(404, 'ResourceNotFound', `The Resource '${url.pathname}' was not found.`)
    const { id, name, location } = further?.resource ?? {
      id: CONNECTED_ID,
      name: CONNECTED_NAME,
      location: IDS.location
    }
    // Older and stable versions do not show the features.
    const shows = (url.searchParams.get('api-version') ?? '') >= '2024-07-15'
    return {
      status: 200,
      body: {
        id,
        name,
        type: TYPE,
        location,
        identity: { type: 'SystemAssigned', tenantId: IDS.tenantId },
        properties: {
          provisioningState: 'Succeeded',
          connectivityStatus: 'Connected',
          distribution: 'k3s',
          totalNodeCount: 3,
          ...(shows && {
            oidcIssuerProfile: {
              enabled: found.issuer,
              ...(found.issuer && { issuerUrl: cluster(further?.resource.id.toLowerCase()).issuer }),
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
  state.connected = ALL_ON
}
