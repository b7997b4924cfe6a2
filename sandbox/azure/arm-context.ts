/** Shared by the resources of Azure Resource Manager: state, permission checks, the shape of an error. */
import type { Answer, Call, Handler } from '../wire.ts'
import type { Caller, ClusterAccess, Lag } from '../world.ts'
import type { Link } from './assignments.ts'
import type { AzureState } from './state.ts'

export interface ArmContext {
  readonly state: () => AzureState
  readonly lag: Lag
  /** @param id of a further cluster in ARM, in lower case; absent: the one that most tests use */
  readonly cluster: (id?: string) => ClusterAccess
  /** ARM's own base, for links; known once it listens. */
  readonly base: () => string
  /** Wraps a handler with the check that the caller has `action` on the resource and that no lock blocks it. */
  readonly guarded: (action: string, handler: Handler) => Handler
  /** The same for a list of the subscription, of which callers see only the parts that they may read. */
  readonly guardedList: (action: string, list: (call: Call) => readonly { readonly id: string }[]) => Handler
  /** The error when the caller is missing a permission on another resource in the body. */
  readonly linked: (
    caller: Caller,
    action: string,
    scope: string,
    links: readonly Link[]
  ) => Answer | undefined
  readonly callerOf: (call: Pick<Call, 'headers'>) => Promise<Caller | undefined>
}
