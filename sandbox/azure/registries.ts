/** Microsoft.ContainerRegistry/registries: what ARM shows of the twin's registries (api-version 2025-11-01). */
import type { Answer, Call, Route } from '../wire.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { registryId, type Registry } from './registry.ts'
import { IDS } from './state.ts'

const TYPE = 'Microsoft.ContainerRegistry/registries'

export function registryRoutes({ guarded, guardedList, state }: ArmContext): Route[] {
  const shown = (one: Registry) => ({
    id: registryId(one),
    name: one.name,
    type: TYPE,
    location: IDS.location,
    sku: { name: 'Premium', tier: 'Premium' },
    properties: {
      loginServer: one.loginServer,
      provisioningState: one.provisioningState,
      adminUserEnabled: false,
      publicNetworkAccess: one.network === 'private endpoints' ? 'Disabled' : 'Enabled',
      networkRuleSet: { defaultAction: one.network === 'some addresses' ? 'Deny' : 'Allow', ipRules: [] },
      anonymousPullEnabled: one.anonymous,
      roleAssignmentMode: one.byRepository ? 'AbacRepositoryPermissions' : 'LegacyRegistryPermissions',
      policies: {
        quarantinePolicy: { status: one.quarantines ? 'enabled' : 'disabled' },
        azureADAuthenticationAsArmPolicy: { status: one.acceptsArmTokens ? 'enabled' : 'disabled' }
      },
      dataEndpointEnabled: false
    }
  })
  const get = ({ params, url }: Call): Answer => {
    const found = state().registries.find(
      (one) => registryId(one).toLowerCase() === url.pathname.toLowerCase()
    )
    return found
      ? { status: 200, body: shown(found) }
      : armError(404, 'ResourceNotFound', `The Resource '${TYPE}/${params['name'] ?? ''}' was not found.`)
  }
  return [
    [
      'GET',
      `/subscriptions/:subscription/providers/${TYPE}`,
      guardedList(`${TYPE}/read`, ({ params }) =>
        state()
          .registries.filter(({ subscriptionId }) => subscriptionId === params['subscription'])
          .map(shown)
      )
    ],
    [
      'GET',
      `/subscriptions/:subscription/:groups(resource[gG]roups)/:group/providers/${TYPE}/:name`,
      guarded(`${TYPE}/read`, get)
    ]
  ]
}
