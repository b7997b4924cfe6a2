/** Resource providers of the subscription, and their registration, which takes a moment. */
import type { Answer, Call, Route } from '../wire.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { IDS, type AzureState } from './state.ts'

/** How long a registration takes, in ms. */
const REGISTERING = 200

export function providerRoutes({ guarded, state }: ArmContext): Route[] {
  const one = '/subscriptions/:subscription/providers/:namespace'
  const shown = ({ params }: Call): Answer => ({
    status: 200,
    body: providerOf(state(), params['namespace'] ?? '')
  })
  const register = (call: Call): Answer => {
    const namespace = call.params['namespace'] ?? ''
    if (registrationState(state(), namespace) === 'NotRegistered')
      state().registeredAt.set(namespace.toLowerCase(), Date.now() + REGISTERING)
    return shown(call)
  }
  return [
    ['GET', one, guarded('Microsoft.Resources/subscriptions/providers/read', shown)],
    // The action is in the provider's own namespace.
    [
      'POST',
      `${one}/register`,
      (call) => guarded(`${call.params['namespace'] ?? ''}/register/action`, register)(call)
    ]
  ]
}

/** The refusal of a request to a provider that the subscription is not registered for. */
export function unregistered(state: AzureState, namespace: string): Answer | undefined {
  if (registrationState(state, namespace) === 'Registered') return undefined
  return armError(
    409,
    'MissingSubscriptionRegistration',
    `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`
  )
}

function registrationState({ registeredAt }: AzureState, namespace: string): string {
  const at = registeredAt.get(namespace.toLowerCase()) ?? 0
  if (at === Infinity) return 'NotRegistered'
  return Date.now() < at ? 'Registering' : 'Registered'
}

function providerOf(state: AzureState, namespace: string): unknown {
  return {
    id: `/subscriptions/${IDS.subscriptionId}/providers/${namespace}`,
    namespace,
    registrationPolicy: 'RegistrationRequired',
    registrationState: registrationState(state, namespace),
    resourceTypes: []
  }
}
