/** What the resources of Azure Resource Manager share: state, the check of rights, the shape of an error. */
import type { Answer, Call, Handler } from '../wire.ts'
import type { Caller, ClusterAccess, Lag } from '../world.ts'
import type { Link } from './assignments.ts'
import type { AzureState } from './state.ts'

export interface ArmContext {
  readonly state: () => AzureState
  readonly lag: Lag
  readonly cluster: () => ClusterAccess
  /** ARM's own base, for links; known once it listens. */
  readonly base: () => string
  /** The handler, behind the check that the caller has `action` where the path leads to, and that no lock stops it. */
  readonly guarded: (action: string, handler: Handler) => Handler
  /** The same for a list of the whole subscription, of which those with rights in parts of it see parts, or nothing. */
  readonly guardedList: (action: string, list: () => readonly { readonly id: string }[]) => Handler
  /** The refusal when the caller lacks a right at one of the other resources that a body names. */
  readonly linked: (
    caller: Caller,
    action: string,
    scope: string,
    links: readonly Link[]
  ) => Answer | undefined
  readonly callerOf: (call: Pick<Call, 'headers'>) => Promise<Caller | undefined>
}
