/** Azure Resource Manager: who may do what, and the routes of every resource. The resources are in their own files. */
import { listen, type Listening, type Tls } from '../server.ts'
import type { Answer, Call, Handler, Route } from '../wire.ts'
import type { Journal } from '../journal.ts'
import type { Authenticate, Caller, Lag } from '../world.ts'
import { authorizationRoutes } from './authorization.ts'
import { connectedRoutes } from './connected-clusters.ts'
import { clusterRoutes } from './managed-clusters.ts'
import { extensionRoutes } from './extensions.ts'
import { identityRoutes } from './managed-identities.ts'
import { permissionRoutes } from './permissions.ts'
import { registryRoutes } from './registries.ts'
import { providerRoutes } from './providers.ts'
import { resourceGraphRoutes } from './resource-graph.ts'
import { runCommandRoutes } from './run-command.ts'
import { allows, linkNotAllowed, locked, notAllowed } from './rights.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { unknownResource } from './arm-unknown.ts'
import { hasGroup, subscriptionsOf, tenantOfSubscription, wrongTenant } from './tenants.ts'
import { IDS, type AzureState } from './state.ts'

const AUDIENCE = 'https://management.azure.com'

export async function startArm(options: {
  journal: Journal
  tls: Tls
  /** For the homes of commands in the cluster. */
  temporary: string
  lag: Lag
  state: () => AzureState
  cluster: ArmContext['cluster']
  authenticate: Authenticate
}): Promise<Listening> {
  const { journal, tls, state, authenticate } = options
  let base = ''
  const callerOf: ArmContext['callerOf'] = async ({ headers }) => {
    const caller = await authenticate(headers.authorization)
    return caller?.audience === AUDIENCE ? caller : undefined
  }
  const may = ({ principalId }: Caller, action: string, scope: string): boolean =>
    allows(state().assignmentsOf(principalId), action, scope)
  /** The error for a caller without a token or for a malformed request. */
  const unfit = (call: Call, caller: Caller | undefined): Answer | undefined => {
    const { subscription } = call.params
    if (!caller) return unauthenticated()
    if (!call.url.searchParams.has('api-version')) {
      const text = 'The api-version query parameter (?api-version=) is required for all requests.'
      return armError(400, 'MissingApiVersionParameter', text)
    }
    if (subscription === undefined) return undefined
    const tenantId = tenantOfSubscription(state(), subscription)
    if (tenantId === caller.tenantId) return undefined
    if (tenantId !== undefined) return wrongTenant(caller.tenantId, tenantId)
    return armError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`)
  }
  const guarded =
    (action: string, handler: Handler): Handler =>
    async (call) => {
      const caller = await callerOf(call)
      const refused = unfit(call, caller)
      if (refused || !caller) return refused ?? unauthenticated()
      const { pathname } = call.url
      if (action !== '' && !may(caller, action, pathname)) return notAllowed(caller, action, pathname)
      const { group, subscription } = call.params
      if (group !== undefined && !hasGroup(state(), subscription, group))
        return armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`)
      return locked(state().locks, call.method, pathname) ?? handler(call)
    }
  const guardedList: ArmContext['guardedList'] = (action, list) => async (call) => {
    const caller = await callerOf(call)
    const refused = unfit(call, caller)
    if (refused || !caller) return refused ?? unauthenticated()
    const value = list(call)
    const { pathname } = call.url
    if (may(caller, action, pathname)) return { status: 200, body: { value } }
    if (state().partialLists === 'refused') return notAllowed(caller, action, pathname)
    return { status: 200, body: { value: value.filter(({ id }) => may(caller, action, id)) } }
  }
  const linked: ArmContext['linked'] = (caller, action, scope, links) => {
    const missing = links.filter((link) => !may(caller, link.action, link.scope))
    return missing.length === 0 ? undefined : linkNotAllowed(caller, action, scope, missing)
  }
  const context: ArmContext = { ...options, guarded, guardedList, linked, callerOf, base: () => base }
  const groupOf = ({ params: { subscription = '', group = '' } }: Call) => ({
    id: `/subscriptions/${subscription}/resourceGroups/${group.toLowerCase()}`,
    name: group.toLowerCase(),
    type: 'Microsoft.Resources/resourceGroups',
    location: IDS.location,
    tags: {},
    properties: { provisioningState: 'Succeeded' }
  })
  const routes: Route[] = [
    // Only subscriptions in which the caller has a role.
    [
      'GET',
      '/subscriptions',
      guarded('', async (call) => {
        const { principalId = '', tenantId = '' } = (await callerOf(call)) ?? {}
        const sees = state().assignmentsOf(principalId).length > 0
        return { status: 200, body: { value: sees ? subscriptionsOf(state(), tenantId) : [] } }
      })
    ],
    [
      'GET',
      '/tenants',
      guarded('Microsoft.Resources/tenants/read', async (call) => {
        const { tenantId = '' } = (await callerOf(call)) ?? {}
        return { status: 200, body: { value: [{ id: `/tenants/${tenantId}`, tenantId }] } }
      })
    ],
    [
      'GET',
      '/subscriptions/:subscription',
      guarded('Microsoft.Resources/subscriptions/read', ({ params: { subscription = '' } }) => ({
        status: 200,
        body: subscriptionsOf(state(), tenantOfSubscription(state(), subscription) ?? '').find(
          ({ subscriptionId }) => subscriptionId === subscription
        )
      }))
    ],
    ...permissionRoutes(context),
    [
      'GET',
      '/subscriptions/:subscription/:groups(resource[gG]roups)/:group',
      guarded('Microsoft.Resources/subscriptions/resourceGroups/read', (call) => ({
        status: 200,
        body: groupOf(call)
      }))
    ],
    ...clusterRoutes(context),
    ...runCommandRoutes(context, options.temporary),
    ...connectedRoutes(context),
    ...identityRoutes(context),
    ...extensionRoutes(context),
    ...registryRoutes(context),
    ...providerRoutes(context),
    ...resourceGraphRoutes(context),
    ...authorizationRoutes(context)
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
