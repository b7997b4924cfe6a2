/** Azure Resource Manager: who may do what, and the routes of every resource. The resources are in their own files. */
import { listen, type Listening, type Tls } from '../server.ts'
import type { Answer, Handler, Route } from '../wire.ts'
import type { Journal } from '../journal.ts'
import type { Authenticate, ClusterAccess, Lag } from '../world.ts'
import { clusterRoutes } from './managed-clusters.ts'
import { extensionRoutes } from './extensions.ts'
import { identityRoutes } from './managed-identities.ts'
import { providerRoutes } from './providers.ts'
import { armError, type ArmContext } from './arm-context.ts'
import { unknownResource } from './arm-unknown.ts'
import { IDS, type AzureState } from './state.ts'

const AUDIENCE = 'https://management.azure.com'

export async function startArm(options: {
  journal: Journal
  tls: Tls
  lag: Lag
  state: () => AzureState
  cluster: () => ClusterAccess
  authenticate: Authenticate
}): Promise<Listening> {
  const { journal, tls, state, authenticate } = options
  let base = ''
  const guarded =
    (action: string, handler: Handler): Handler =>
    async (call) => {
      const caller = await authenticate(call.headers.authorization)
      if (caller?.audience !== AUDIENCE) return unauthenticated()
      if (!call.url.searchParams.has('api-version')) {
        return armError(
          400,
          'MissingApiVersionParameter',
          'The api-version query parameter (?api-version=) is required for all requests.'
        )
      }
      const { subscription, group } = call.params
      if (subscription !== undefined && subscription !== IDS.subscriptionId) {
        return armError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`)
      }
      if (!allowed(state(), caller.principalId, action)) {
        const text = `The client '${caller.clientId}' with object id '${caller.principalId}' does not have authorization to perform action '${action}' over scope '${call.url.pathname}' or the scope is invalid. If access was recently granted, please refresh your credentials.`
        return armError(403, 'AuthorizationFailed', text)
      }
      if (group !== undefined && group.toLowerCase() !== IDS.resourceGroup) {
        return armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`)
      }
      return handler(call)
    }
  const context: ArmContext = { ...options, guarded, base: () => base }
  const subscription = {
    id: `/subscriptions/${IDS.subscriptionId}`,
    subscriptionId: IDS.subscriptionId,
    tenantId: IDS.tenantId,
    displayName: 'GitOps',
    state: 'Enabled'
  }
  const group = {
    id: `${subscription.id}/resourceGroups/${IDS.resourceGroup}`,
    name: IDS.resourceGroup,
    type: 'Microsoft.Resources/resourceGroups',
    location: IDS.location,
    tags: {},
    properties: { provisioningState: 'Succeeded' }
  }
  const permissions = ({ state: get }: ArmContext): Answer => ({
    status: 200,
    body: {
      value: [
        {
          actions: get().deployerActions,
          notActions: get().deployerNotActions,
          dataActions: [],
          notDataActions: []
        }
      ]
    }
  })
  const routes: Route[] = [
    [
      'GET',
      '/subscriptions',
      guarded('Microsoft.Resources/subscriptions/read', () => ({
        status: 200,
        body: { value: [subscription] }
      }))
    ],
    [
      'GET',
      '/tenants',
      guarded('Microsoft.Resources/tenants/read', () => ({
        status: 200,
        body: { value: [{ id: `/tenants/${IDS.tenantId}`, tenantId: IDS.tenantId }] }
      }))
    ],
    [
      'GET',
      '/subscriptions/:subscription',
      guarded('Microsoft.Resources/subscriptions/read', () => ({ status: 200, body: subscription }))
    ],
    // Everybody may ask for his own permissions.
    [
      'GET',
      '/subscriptions/:subscription/*/providers/Microsoft.Authorization/permissions',
      guarded('', () => permissions(context))
    ],
    [
      'GET',
      '/subscriptions/:subscription/:groups(resource[gG]roups)/:group',
      guarded('Microsoft.Resources/subscriptions/resourceGroups/read', () => ({ status: 200, body: group }))
    ],
    ...clusterRoutes(context),
    ...identityRoutes(context),
    ...extensionRoutes(context),
    ...providerRoutes(context)
  ]
  const listening = await listen({
    journal,
    tls,
    service: 'arm',
    routes: routes.map(([method, path, handler]) => [method, path, handler]),
    otherwise: guarded('', ({ url }) => unknownResource(url)),
    errorBody: (status) => ({
      error: {
        code: FAULT_CODES[status] ?? 'InternalServerError',
        message: `The service answered ${status}.`
      }
    })
  })
  base = listening.url
  return listening
}

const FAULT_CODES: Readonly<Record<number, string>> = {
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable'
}

function unauthenticated(): Answer {
  return {
    status: 401,
    headers: {
      'www-authenticate': `Bearer authorization_uri="https://login.windows.net/${IDS.tenantId}", error="invalid_token"`
    },
    body: {
      error: {
        code: 'AuthenticationFailed',
        message: 'Authentication failed. The token is missing, expired or of another audience.'
      }
    }
  }
}

function allowed(state: AzureState, principalId: string, action: string): boolean {
  if (action === '') return true
  if (principalId !== IDS.deployerPrincipalId) return false
  const covers = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i').test(action)
    )
  return covers(state.deployerActions) && !covers(state.deployerNotActions)
}
