/** Combines the inputs about the subscription and the tenant of the identity, where they are not those of the cluster. */
import type { OtherLogin } from './desired.ts'
import { dropUndefined } from './drop-undefined.ts'
import type { GivenInputs } from './given-inputs.ts'
import { input } from '../core/input-name.ts'

const TENANT = 'identity-tenant-id'
const SUBSCRIPTION = 'identity-subscription-id'
const CONNECTION = 'identity-service-connection'

/** @returns empty when the identity is where the cluster is */
export function parseIdentityPlace(inputs: GivenInputs): {
  readonly subscriptionId?: string
  readonly identityLogin?: OtherLogin
} {
  const { values, isAbsent, fault, identityConnection: connected } = inputs
  const tenantId = agreed(TENANT, values[TENANT], connected.tenantId, inputs)
  const subscriptionId = agreed(SUBSCRIPTION, values[SUBSCRIPTION], connected.subscriptionId, inputs)
  const second = values['identity-login-client-id'] ?? values[CONNECTION]
  if (tenantId === undefined && second !== undefined && isAbsent(TENANT))
    fault(
      TENANT,
      'A login for the identity is given, but not its tenant.',
      `Give the tenant of the organization, or leave the login out when one is enough.`
    )
  if (tenantId === undefined) return dropUndefined({ subscriptionId })
  refuseHalf(tenantId, subscriptionId, inputs)
  const clientId = values['identity-login-client-id'] ?? values['client-id']
  return { ...dropUndefined({ subscriptionId }), identityLogin: { tenantId, ...dropUndefined({ clientId }) } }
}

/** From the input, or from the service connection; if both say it they must agree. */
function agreed(
  name: typeof TENANT | typeof SUBSCRIPTION,
  given: string | undefined,
  connected: string | undefined,
  { fault, derived }: GivenInputs
): string | undefined {
  if (given !== undefined && connected !== undefined && !same(given, connected))
    fault(
      name,
      `It is ${given}, but the service connection is for ${connected}.`,
      `Leave it out, or set ${input(CONNECTION)} to another service connection.`
    )
  if (given === undefined && connected !== undefined)
    derived.push(`${input(name)} ${connected} (from the service connection)`)
  return given ?? connected
}

/** What another tenant needs beside its id: nothing there can be derived from the cluster. */
function refuseHalf(
  tenantId: string,
  subscriptionId: string | undefined,
  { values, isAbsent, fault, derived, hostKind, ...inputs }: GivenInputs
): void {
  if (subscriptionId === undefined && isAbsent(SUBSCRIPTION))
    fault(
      SUBSCRIPTION,
      `It cannot be derived in another tenant.`,
      `Give a subscription of tenant ${tenantId}.`
    )
  if (isAbsent('identity-resource-group'))
    fault(
      'identity-resource-group',
      'It cannot be derived in another tenant.',
      'Give a resource group of the subscription of the identity.'
    )
  const { 'tenant-id': own, 'client-id': clientId } = values
  if (subscriptionId !== undefined && same(subscriptionId, inputs.subscriptionId) && !same(tenantId, own))
    fault(
      SUBSCRIPTION,
      'It is the subscription of the cluster, and a subscription is in one tenant only.',
      `Give a subscription of tenant ${tenantId}; if identity and cluster are in one tenant, leave ${input(TENANT)} out.`
    )
  if (hostKind === 'azure-pipelines' && values[CONNECTION] === undefined)
    fault(
      CONNECTION,
      `${input(TENANT)} needs a login of its own.`,
      `Give the name of a service connection to tenant ${tenantId}.`
    )
  if (clientId !== undefined && isAbsent('identity-login-client-id'))
    derived.push(`${input('identity-login-client-id')} ${clientId} (from ${input('client-id')})`)
}

function same(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase()
}
