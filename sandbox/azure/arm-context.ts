/** What the resources of Azure Resource Manager share: state, the check of rights, the shape of an error. */
import type { Answer, Handler } from '../wire.ts'
import type { ClusterAccess, Lag } from '../world.ts'
import type { AzureState } from './state.ts'

export interface ArmContext {
  readonly state: () => AzureState
  readonly lag: Lag
  readonly cluster: () => ClusterAccess
  /** ARM's own base, for links; known once it listens. */
  readonly base: () => string
  /** The handler, behind the check that the caller has `action`. */
  readonly guarded: (action: string, handler: Handler) => Handler
}

export function armError(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } }
}
