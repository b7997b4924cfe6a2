/** What decides whether a caller may: roles at scopes, locks, and the other resources that a body names. */

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

/** A resource that the body names, and what the writer has to be allowed there. */
export interface Link {
  readonly action: string
  readonly scope: string
}
