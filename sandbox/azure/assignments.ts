/** What decides about a caller's permissions: role assignments, locks, and the other resources in a body. */

/** A role at a scope. */
export interface Assignment {
  readonly scope: string
  readonly actions: readonly string[]
  readonly notActions?: readonly string[]
  /** On the objects of Kubernetes. */
  readonly dataActions?: readonly string[]
}

/** A custom role in ARM; `name` is its GUID. */
export interface RoleDefinition {
  readonly name: string
  readonly roleName: string
  readonly description: string
  readonly assignableScopes: readonly string[]
  readonly actions: readonly string[]
  readonly notActions: readonly string[]
  readonly dataActions: readonly string[]
}

/** What a principal has by a role assignment in ARM; `name` is its GUID. */
export interface RoleAssignment {
  readonly name: string
  readonly scope: string
  readonly principalId: string
  readonly roleDefinitionId: string
  /** Of attributes: what it holds for. */
  readonly condition?: string
  /** ms since the epoch; services hear of it a little later. */
  readonly createdAt: number
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
