/**
 * Microsoft.Authorization: custom role definitions and role assignments, with the refusals of the service
 * (learn.microsoft.com/azure/role-based-access-control/troubleshooting, role-assignments-rest).
 */
import type { Answer, Call, Route } from '../wire.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import type { RoleAssignment, RoleDefinition } from './assignments.ts'
import { BUILT_IN_ROLES, builtIn } from './built-in-roles.ts'
import { isDataAction } from './kubernetes-access.ts'
import { registryId } from './registry.ts'
import { within } from './rights.ts'
import type { AzureState } from './state.ts'
import { tenantOfSubscription } from './tenants.ts'

const PROVIDER = 'providers/Microsoft.Authorization'
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

export function authorizationRoutes(context: ArmContext): Route[] {
  const { guarded } = context
  const routes = (
    method: string,
    rest: string,
    action: string,
    handler: (call: Call) => Answer | Promise<Answer>
  ): Route[] =>
    ['/subscriptions/:subscription', '/subscriptions/:subscription/*'].map((scope) => [
      method,
      `${scope}/${PROVIDER}/${rest}`,
      guarded(`Microsoft.Authorization/${action}`, handler)
    ])
  const assignments = 'roleAssignments'
  const definitions = 'roleDefinitions'
  return [
    ...routes('GET', definitions, `${definitions}/read`, (call) => listDefinitions(call, context)),
    ...routes('GET', `${definitions}/:name`, `${definitions}/read`, (call) => getDefinition(call, context)),
    ...routes('PUT', `${definitions}/:name`, `${definitions}/write`, (call) => putDefinition(call, context)),
    ...routes('DELETE', `${definitions}/:name`, `${definitions}/delete`, (call) =>
      removeDefinition(call, context)
    ),
    ...routes('GET', assignments, `${assignments}/read`, (call) => listAssignments(call, context)),
    ...routes('PUT', `${assignments}/:name`, `${assignments}/write`, (call) => putAssignment(call, context)),
    ...routes('DELETE', `${assignments}/:name`, `${assignments}/delete`, (call) =>
      removeAssignment(call, context)
    )
  ]
}

function scopeOf({ url }: Call): string {
  return url.pathname.replace(/\/providers\/Microsoft\.Authorization\/[^/]+(?:\/[^/]+)?$/i, '')
}

function subscriptionIn(scope: string): string {
  return scope.split('/')[2] ?? ''
}

/** A custom role is that of a tenant; here the first scope that it may be assigned at says which. */
function tenantOfRole({ assignableScopes: [first = ''] }: RoleDefinition, state: AzureState): string {
  return tenantOfSubscription(state, subscriptionIn(first)) ?? ''
}

/** Those of the tenant that is asked. */
function rolesSeen({ url }: Call, state: AzureState): RoleDefinition[] {
  const tenant = tenantOfSubscription(state, subscriptionIn(url.pathname))
  return [...BUILT_IN_ROLES, ...state.roleDefinitions.filter((one) => tenantOfRole(one, state) === tenant)]
}

/** A role has the same GUID by whichever path it is named. */
function lastOf(roleDefinitionId: string): string | undefined {
  return roleDefinitionId.toLowerCase().split('/').at(-1)
}

function idOf({ name, assignableScopes: [first = ''] }: RoleDefinition): string {
  const place = first === '/' ? '' : `/subscriptions/${subscriptionIn(first)}`
  return `${place}/${PROVIDER}/roleDefinitions/${name}`
}

function definitionOf(role: RoleDefinition): unknown {
  const { name, ...properties } = role
  const { roleName, description, assignableScopes, actions, notActions, dataActions } = properties
  return {
    id: idOf(role),
    name,
    type: 'Microsoft.Authorization/roleDefinitions',
    properties: {
      roleName,
      type: BUILT_IN_ROLES.some((one) => one.name === name) ? 'BuiltInRole' : 'CustomRole',
      description,
      assignableScopes,
      permissions: [{ actions, notActions, dataActions, notDataActions: [] }]
    }
  }
}

function assignmentOf({ name, scope, principalId, roleDefinitionId, condition }: RoleAssignment): unknown {
  return {
    id: `${scope}/${PROVIDER}/roleAssignments/${name}`,
    name,
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      ...{ scope, principalId, principalType: 'ServicePrincipal', roleDefinitionId },
      ...(condition !== undefined && { condition, conditionVersion: '2.0' })
    }
  }
}

function listDefinitions(call: Call, { state }: ArmContext): Answer {
  const [, wanted] = /roleName eq '((?:[^']|'')*)'/i.exec(call.url.searchParams.get('$filter') ?? '') ?? []
  const value = rolesSeen(call, state()).filter(
    ({ roleName }) => wanted === undefined || roleName === wanted.replaceAll("''", "'")
  )
  return { status: 200, body: { value: value.map(definitionOf) } }
}

function getDefinition(call: Call, { state }: ArmContext): Answer {
  const wanted = call.params['name']
  const found = rolesSeen(call, state()).find(({ name }) => name === wanted)
  return found ? { status: 200, body: definitionOf(found) } : noDefinition(wanted)
}

async function putDefinition(call: Call, { state }: ArmContext): Promise<Answer> {
  const name = call.params['name'] ?? ''
  const { properties } = (await call.json()) as {
    properties?: {
      roleName?: string
      description?: string
      assignableScopes?: string[]
      permissions?: { actions?: string[]; notActions?: string[]; dataActions?: string[] }[]
    }
  }
  const { roleName = '', description = '', assignableScopes = [], permissions = [] } = properties ?? {}
  if (!GUID.test(name)) return armError(400, 'InvalidRoleDefinitionId', `'${name}' is not a GUID.`)
  const tenant = tenantOfSubscription(state(), subscriptionIn(call.url.pathname))
  const ofTenant = (one: string): boolean => tenantOfSubscription(state(), subscriptionIn(one)) === tenant
  if (assignableScopes.length === 0 || !assignableScopes.every(ofTenant))
    return armError(400, 'InvalidAssignableScope', 'The role definition has no valid assignable scope.')
  const all = state().roleDefinitions
  // Names of custom roles are unique in the tenant.
  if (
    rolesSeen(call, state()).some(
      (one) => one.name !== name && one.roleName.toLowerCase() === roleName.toLowerCase()
    )
  ) {
    const text = `The custom role name is not unique. A role with name '${roleName}' already exists.`
    return armError(409, 'RoleDefinitionWithSameNameExists', text)
  }
  const [{ actions = [], notActions = [], dataActions = [] } = {}] = permissions
  const unknown = dataActions.find((one) => !isDataAction(one))
  if (unknown !== undefined) {
    const text = `'${unknown}' does not match any of the actions supported by the providers.`
    return armError(400, 'InvalidActionOrNotAction', text)
  }
  const made = { name, roleName, description, assignableScopes, actions, notActions, dataActions }
  const at = all.findIndex((one) => one.name === name)
  all.splice(at < 0 ? all.length : at, at < 0 ? 0 : 1, made)
  return { status: 201, body: definitionOf(made) }
}

function removeDefinition({ params }: Call, { state }: ArmContext): Answer {
  const all = state().roleDefinitions
  const at = all.findIndex(({ name }) => name === params['name'])
  if (at < 0) return { status: 204 }
  const [gone] = all.slice(at, at + 1)
  const id = gone && idOf(gone).toLowerCase()
  if (state().roleAssignments.some((one) => one.roleDefinitionId.toLowerCase() === id))
    return armError(400, 'RoleDefinitionHasAssignments', 'There are existing role assignments.')
  all.splice(at, 1)
  return { status: 200, body: gone && definitionOf(gone) }
}

/** At, above and below the scope, unless the filter says `atScope()`: then not below. */
function listAssignments(call: Call, { state }: ArmContext): Answer {
  const scope = scopeOf(call)
  const filter = call.url.searchParams.get('$filter') ?? ''
  const [, principal] = /principalId eq '([^']*)'/i.exec(filter) ?? []
  const value = state().roleAssignments.filter(
    (one) =>
      (principal === undefined || one.principalId === principal) &&
      (within(scope, one.scope) || (!/atScope\(\)/i.test(filter) && within(one.scope, scope)))
  )
  return { status: 200, body: { value: value.map(assignmentOf) } }
}

async function putAssignment(call: Call, { state, lag }: ArmContext): Promise<Answer> {
  const name = call.params['name'] ?? ''
  const { properties } = (await call.json()) as {
    properties?: { roleDefinitionId?: string; principalId?: string; principalType?: string }
  }
  const { roleDefinitionId = '', principalId = '', principalType } = properties ?? {}
  const scope = scopeOf(call)
  if (!GUID.test(name))
    return armError(400, 'InvalidRoleAssignmentId', `The role assignment ID '${name}' is not valid.`)
  if (isAbsentRegistry(scope, state()))
    return armError(404, 'ResourceNotFound', `The Resource '${scope}' was not found.`)
  const role =
    builtIn(roleDefinitionId) ??
    state().roleDefinitions.find((one) => idOf(one).toLowerCase() === roleDefinitionId.toLowerCase())
  if (!role) return noDefinition(roleDefinitionId)
  if (!role.assignableScopes.some((one) => one === '/' || within(scope, one))) {
    const text = `The role definition '${role.roleName}' cannot be assigned at the scope '${scope}'.`
    return armError(400, 'RoleDefinitionNotAssignableAtScope', text)
  }
  const tenant = tenantOfSubscription(state(), subscriptionIn(scope))
  const found = state().principal('principalId', principalId)
  const principal = found?.tenantId === tenant ? found : undefined
  // With the type of the principal, the service does not wait for the directory to know it.
  const known = principal && Date.now() >= principal.createdAt + lag.directory
  if (!principal || (!known && principalType !== 'ServicePrincipal')) {
    const text = `Principal ${principalId} does not exist in the directory ${tenant}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.`
    return armError(400, 'PrincipalNotFound', text)
  }
  const all = state().roleAssignments
  const same = all.find(
    (one) =>
      one.principalId === principalId &&
      one.scope.toLowerCase() === scope.toLowerCase() &&
      lastOf(one.roleDefinitionId) === lastOf(roleDefinitionId)
  )
  if (same && same.name !== name)
    return armError(409, 'RoleAssignmentExists', 'The role assignment already exists.')
  if (!same && all.some((one) => one.name === name)) {
    const text = 'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.'
    return armError(400, 'RoleAssignmentUpdateNotPermitted', text)
  }
  const made = { name, scope, principalId, roleDefinitionId, createdAt: Date.now() }
  if (!same) all.push(made)
  return { status: 201, body: assignmentOf(made) }
}

function isAbsentRegistry(scope: string, { registries }: AzureState): boolean {
  return (
    /\/Microsoft\.ContainerRegistry\/registries\/[^/]+$/i.test(scope) &&
    !registries.some((one) => registryId(one).toLowerCase() === scope.toLowerCase())
  )
}

function removeAssignment(call: Call, { state }: ArmContext): Answer {
  const scope = scopeOf(call).toLowerCase()
  const all = state().roleAssignments
  const at = all.findIndex((one) => one.name === call.params['name'] && one.scope.toLowerCase() === scope)
  if (at < 0) return { status: 204 }
  const [gone] = all.splice(at, 1)
  return { status: 200, body: gone && assignmentOf(gone) }
}

function noDefinition(name = ''): Answer {
  const text = `The specified role definition with ID '${name}' does not exist.`
  return armError(404, 'RoleDefinitionDoesNotExist', text)
}
