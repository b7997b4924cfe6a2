/**
 * Azure RBAC, locks and policies: what a role assignment allows at its scope and below, and what denies it in spite of
 * the role. Shapes of the refusals: learn.microsoft.com/azure/azure-resource-manager/troubleshooting, and
 * Azure/azure-cli#22232 for linked scopes.
 */
import type { Answer } from '../wire.ts'
import type { Assignment, Link, Lock } from './assignments.ts'
import { armError } from './arm-error.ts'
import type { Caller } from '../world.ts'
import { IDS } from './state.ts'

/** Whether the scope `inner` is within `outer`, ignoring case. */
export function within(inner: string, outer: string): boolean {
  return `${inner.toLowerCase()}/`.startsWith(`${outer.toLowerCase().replace(/\/$/, '')}/`)
}

/** The roles that apply at a scope: those assigned there or above. */
export function effective(assignments: readonly Assignment[], scope: string): Assignment[] {
  return assignments.filter((one) => within(scope, one.scope))
}

export function allows(assignments: readonly Assignment[], action: string, scope: string): boolean {
  return effective(assignments, scope).some(
    ({ actions, notActions = [] }) => covers(actions, action) && !covers(notActions, action)
  )
}

export function covers(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) =>
    new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i').test(action)
  )
}

export function notAllowed({ clientId, principalId }: Caller, action: string, scope: string): Answer {
  const text = `The client '${clientId}' with object id '${principalId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`
  return armError(403, 'AuthorizationFailed', text)
}

export function linkNotAllowed(
  { clientId, principalId }: Caller,
  action: string,
  scope: string,
  missing: readonly Link[]
): Answer {
  const actions = missing.map((one) => one.action).join(', ')
  const scopes = missing.map((one) => one.scope).join(', ')
  const text = `The client '${clientId}' with object id '${principalId}' has permission to perform action '${action}' on scope '${scope}'; however, it does not have permission to perform action(s) '${actions}' on the linked scope(s) '${scopes}' (respectively) or the linked scope(s) are invalid.`
  return armError(403, 'LinkedAuthorizationFailed', text)
}

/** A ReadOnly lock also blocks every POST, such as reading keys. */
export function locked(locks: readonly Lock[], method: string, scope: string): Answer | undefined {
  const stops = ({ level }: Lock): boolean =>
    level === 'ReadOnly' ? method !== 'GET' && method !== 'HEAD' : method === 'DELETE'
  const found = locks.filter((lock) => stops(lock) && within(scope, lock.scope))
  if (found.length === 0) return undefined
  const kind = method === 'DELETE' ? 'delete' : 'write'
  const scopes = found.map((lock) => lock.scope).join(',')
  const text = `The scope '${scope}' cannot perform ${kind} operation because following scope(s) are locked: '${scopes}'. Please remove the lock and try again.`
  return armError(409, 'ScopeLocked', text)
}

/** The error of a policy with the effect deny, for a resource without the required tag. */
export function disallowed(resource: string, tag: string): Answer {
  const scope = `/subscriptions/${IDS.subscriptionId}/providers/Microsoft.Authorization`
  const assignment = { name: `Require a ${tag} tag`, id: `${scope}/policyAssignments/require-tag` }
  const definition = {
    name: 'Require a tag on resources',
    id: '/providers/Microsoft.Authorization/policyDefinitions/871b6d14-10aa-478d-b590-94f262ecfa99'
  }
  const policies = JSON.stringify([{ policyAssignment: assignment, policyDefinition: definition }])
  const info = {
    evaluationDetails: {
      evaluatedExpressions: [
        {
          result: 'True',
          expressionKind: 'Field',
          expression: `tags[${tag}]`,
          path: `tags[${tag}]`,
          targetValue: 'false',
          operator: 'Exists'
        }
      ]
    },
    policyDefinitionId: definition.id,
    policyDefinitionName: '871b6d14-10aa-478d-b590-94f262ecfa99',
    policyDefinitionDisplayName: definition.name,
    policyDefinitionEffect: 'deny',
    policyAssignmentId: assignment.id,
    policyAssignmentName: 'require-tag',
    policyAssignmentDisplayName: assignment.name,
    policyAssignmentScope: `/subscriptions/${IDS.subscriptionId}`,
    policyAssignmentParameters: { tagName: { value: tag } }
  }
  return {
    status: 403,
    body: {
      error: {
        code: 'RequestDisallowedByPolicy',
        target: resource,
        message: `Resource '${resource}' was disallowed by policy. Policy identifiers: '${policies}'.`,
        additionalInfo: [{ type: 'PolicyViolation', info }]
      }
    }
  }
}
