/** What decides about a caller's permissions: role assignments, locks, and the other resources in a body. */

/** A role at a scope. */
export interface Assignment {
  readonly scope: string
  readonly actions: readonly string[]
  readonly notActions?: readonly string[]
}

export interface Lock {
  readonly scope: string
  readonly level: 'CanNotDelete' | 'ReadOnly'
}

/** A resource in the body, and the action that the writer needs there. */
export interface Link {
  readonly action: string
  readonly scope: string
}
