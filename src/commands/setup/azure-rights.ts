/** The rights of the pipeline in Azure: a custom role, assigned at the cluster and at Argo CD's identity. */
import type { FindingFacts } from '../../core/finding.ts'
import {
  definitionId,
  type RoleAssignment,
  type RoleDefinition
} from '../../services/azure/role-assignments.ts'
import { word } from '../../core/shell.ts'
import { MARK, sharedLogin } from './settings.ts'
import type { SetupResource } from './services.ts'

interface RoleSpec {
  readonly subscriptionId: string
  readonly role: Omit<RoleDefinition, 'description'>
}

interface RoleState {
  readonly own: RoleDefinition | undefined
  /** Another role with the same name. */
  readonly other: RoleDefinition | undefined
}

export const DESCRIPTION = `${MARK}: what the pipeline needs to maintain Argo CD's access to Azure Repos.`

/** `aks-role`: the same for Kubernetes' objects, which are data to Azure. */
export function customRole(kind: 'azure-role' | 'aks-role'): SetupResource<RoleSpec, RoleState, string> {
  return { kind, ...ROLE }
}

const ROLE: Omit<SetupResource<RoleSpec, RoleState, string>, 'kind'> = {
  async read({ subscriptionId, role }, { roles }) {
    const [own, named] = await Promise.all([
      roles.definition(subscriptionId, role.name),
      roles.definitionNamed(subscriptionId, role.roleName)
    ])
    return { own, other: named?.name.toLowerCase() === role.name ? undefined : named }
  },

  // One that has its id is its own, whatever name it got when it was made.
  assess({ subscriptionId, role }, { own, other }) {
    return {
      exists: own !== undefined,
      differences:
        other && !own
          ? [{ field: 'custom role', expected: role.name, actual: other.name, blocked: taken(role, other) }]
          : differencesOf(role, own),
      ...(own && { output: definitionId(subscriptionId, role.name) }),
      summary: `${role.roleName}: ${role.actions.length + role.dataActions.length} actions`
    }
  },

  async apply({ subscriptionId, role }, { own }, { roles }, { report }) {
    const { roleName } = own ?? role
    report(`Writing the custom role ${roleName}.`)
    await roles.putDefinition(subscriptionId, { ...role, roleName, description: DESCRIPTION })
  },

  planDelete({ role }, { own }, { credentials }) {
    if (!own) return undefined
    const what = `custom role ${own.roleName}`
    return own.description.startsWith(MARK)
      ? { what, ...sharedLogin(credentials) }
      : { what, retain: `its description does not begin with "${MARK}" (${role.name})` }
  },

  async delete({ subscriptionId, role }, _state, { roles }) {
    await roles.removeDefinition(subscriptionId, role.name)
  }
}

function differencesOf(role: RoleSpec['role'], own: RoleDefinition | undefined) {
  const lines = (all: readonly string[]): string =>
    all
      .map((one) => one.toLowerCase())
      .toSorted()
      .join(', ')
  const fields = [
    { field: 'actions', expected: lines(role.actions), actual: own && lines(own.actions) },
    { field: 'data actions', expected: lines(role.dataActions), actual: own && lines(own.dataActions) },
    {
      field: 'assignable scopes',
      expected: lines(role.assignableScopes),
      actual: own && lines(own.assignableScopes)
    }
  ]
  return fields.filter(({ expected, actual = '' }) => expected !== actual)
}

function taken({ roleName }: RoleSpec['role'], other: RoleDefinition): FindingFacts {
  return {
    id: 'azure-role/name-taken',
    summary: `There is a custom role ${roleName} that Patless did not make: it is left as it is.`,
    actual: other.name,
    remedy: `choose another name: --role-name ${word(`${roleName} 2`)}; names of custom roles are unique in a tenant`
  }
}

interface AssignmentSpec {
  readonly scopes: readonly string[]
  readonly roleId: string
  readonly principalId: string
}

export function roleAssignment(
  kind: 'azure-assignment' | 'aks-assignment'
): SetupResource<AssignmentSpec, readonly RoleAssignment[], object> {
  return { kind, ...ASSIGNMENT }
}

const ASSIGNMENT: Omit<SetupResource<AssignmentSpec, readonly RoleAssignment[], object>, 'kind'> = {
  async read({ scopes, principalId, roleId }, { roles }) {
    const all = await Promise.all(scopes.map((scope) => roles.assignments(scope, principalId)))
    return all.flat().filter((one) => one.roleDefinitionId.toLowerCase() === roleId.toLowerCase())
  },

  assess({ scopes, principalId }, state) {
    const missing = scopes.filter((scope) => !has(state, scope))
    return {
      exists: state.length > 0,
      differences: missing.map((scope) => ({
        field: 'role assignment',
        expected: `${principalId} at ${scope}`,
        actual: undefined
      })),
      output: {},
      summary: scopes.join(', ')
    }
  },

  async apply({ scopes, roleId, principalId }, state, { roles }, { report }) {
    for (const scope of scopes.filter((one) => !has(state, one))) {
      report(`Assigning the role at ${scope}.`)
      await roles.assign(scope, roleId, principalId)
    }
  },

  planDelete(_spec, state, { credentials }) {
    const what = `role assignments at ${state.map(({ scope }) => scope).join(', ')}`
    return state.length === 0 ? undefined : { what, ...sharedLogin(credentials) }
  },

  async delete(_spec, state, { roles }) {
    for (const one of state) await roles.unassign(one)
  }
}

function has(state: readonly RoleAssignment[], scope: string): boolean {
  return state.some((one) => one.scope.toLowerCase() === scope.toLowerCase())
}
