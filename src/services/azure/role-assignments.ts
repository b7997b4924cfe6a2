/**
 * Custom roles and role assignments of Azure (Azure/azure-rest-api-specs, Microsoft.Authorization 2022-04-01). Ids are
 * GUIDs that the client chooses; a role's name is unique in its tenant.
 */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import { orAbsent, understood } from '../../http/request.ts'
import type { ArmWire } from './arm-wire.ts'
import { GUID } from './ids.ts'

const API = '2022-04-01'
const PROVIDER = 'providers/Microsoft.Authorization'

const definitionShape = z.looseObject({
  name: z.string().check(z.regex(GUID)),
  properties: z.looseObject({
    roleName: z.string(),
    description: z.nullish(z.string()),
    assignableScopes: z.array(z.string()),
    permissions: z.array(
      z.looseObject({
        actions: z.optional(z.array(z.string())),
        dataActions: z.optional(z.array(z.string()))
      })
    )
  })
})
const assignmentShape = z.looseObject({
  name: z.string().check(z.regex(GUID)),
  properties: z.looseObject({
    scope: z.string(),
    principalId: z.string(),
    roleDefinitionId: z.string(),
    condition: z.nullish(z.string())
  })
})

export interface RoleDefinition {
  /** A GUID. */
  readonly name: string
  readonly roleName: string
  readonly description: string
  readonly assignableScopes: readonly string[]
  readonly actions: readonly string[]
  /** What it allows on data; for AKS these are the objects of Kubernetes. */
  readonly dataActions: readonly string[]
}

export interface RoleAssignment {
  /** A GUID. */
  readonly name: string
  readonly scope: string
  readonly roleDefinitionId: string
  /** It holds only for some of what it covers. */
  readonly conditional: boolean
}

export class RoleAssignments {
  readonly #wire: ArmWire
  constructor(wire: ArmWire) {
    this.#wire = wire
  }

  /** undefined when it does not exist. */
  async definition(subscriptionId: string, name: string): Promise<RoleDefinition | undefined> {
    const request = this.#wire.request('GET', definitionId(subscriptionId, name), API)
    const reply = await orAbsent(this.#wire.send(request))
    return reply && definitionOf(understood(definitionShape, reply, request))
  }

  /** The custom role with this name that is visible in the subscription. */
  async definitionNamed(subscriptionId: string, roleName: string): Promise<RoleDefinition | undefined> {
    const path = `/subscriptions/${subscriptionId}/${PROVIDER}/roleDefinitions`
    const filter = `&$filter=${encodeURIComponent(`roleName eq '${roleName.replaceAll("'", "''")}'`)}`
    const found = await this.#wire.list(path, API, definitionShape, filter)
    return found.map(definitionOf).find((one) => one.roleName.toLowerCase() === roleName.toLowerCase())
  }

  async putDefinition(subscriptionId: string, role: RoleDefinition): Promise<void> {
    const request = this.#wire.request('PUT', definitionId(subscriptionId, role.name), API)
    await this.#wire.send({ ...request, body: bodyOf(role) })
  }

  /** Succeeds when it is already gone. */
  async removeDefinition(subscriptionId: string, name: string): Promise<void> {
    await orAbsent(this.#wire.send(this.#wire.request('DELETE', definitionId(subscriptionId, name), API)))
  }

  /** The assignments of a principal at exactly this scope. */
  async assignments(scope: string, principalId: string): Promise<RoleAssignment[]> {
    const all = await this.effective(scope, principalId)
    return all.filter((one) => one.scope.toLowerCase() === scope.toLowerCase())
  }

  /** The assignments of a principal at this scope and above: those that hold there. */
  async effective(scope: string, principalId: string): Promise<RoleAssignment[]> {
    const filter = `&$filter=${encodeURIComponent(`principalId eq '${principalId}'`)}`
    const all = await this.#wire.list(`${scope}/${PROVIDER}/roleAssignments`, API, assignmentShape, filter)
    // The answer also has those below.
    const holds = (of: string): boolean =>
      `${scope.toLowerCase()}/`.startsWith(`${of.toLowerCase().replace(/\/$/, '')}/`)
    return all
      .filter(({ properties: one }) => one.principalId === principalId && holds(one.scope))
      .map(({ name, properties: { scope: of, roleDefinitionId, condition } }) => ({
        ...{ name, scope: of, roleDefinitionId },
        conditional: (condition ?? '') !== ''
      }))
  }

  /**
   * @param principalId of a service principal. Its type is part of the request: a directory that does not know a new
   *   principal yet would refuse the assignment without it (PrincipalNotFound).
   */
  async assign(scope: string, roleDefinitionId: string, principalId: string): Promise<void> {
    const name = assignmentName(scope, roleDefinitionId, principalId)
    const request = this.#wire.request('PUT', `${scope}/${PROVIDER}/roleAssignments/${name}`, API)
    const properties = { roleDefinitionId, principalId, principalType: 'ServicePrincipal' }
    await this.#wire.send({ ...request, body: { properties } })
  }

  /** Succeeds when it is already gone. */
  async unassign({ scope, name }: RoleAssignment): Promise<void> {
    const path = `${scope}/${PROVIDER}/roleAssignments/${name}`
    await orAbsent(this.#wire.send(this.#wire.request('DELETE', path, API)))
  }
}

/** The name that an assignment by Patless has: nobody else gives the same by chance. */
export function assignmentName(scope: string, roleDefinitionId: string, principalId: string): string {
  return guidOf(scope.toLowerCase(), roleDefinitionId.toLowerCase(), principalId)
}

export function definitionId(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/${PROVIDER}/roleDefinitions/${name}`
}

/** The body of a PUT of the role. */
export function bodyOf({ roleName, description, assignableScopes, ...role }: RoleDefinition): object {
  const { actions, dataActions } = role
  const permissions = [{ actions, notActions: [], dataActions, notDataActions: [] }]
  return { properties: { roleName, description, type: 'CustomRole', assignableScopes, permissions } }
}

/** A GUID that is always the same for the same facts, so that a run that is repeated writes the same object. */
export function guidOf(...facts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(facts)).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function definitionOf({ name, properties }: z.infer<typeof definitionShape>): RoleDefinition {
  const { roleName, description, assignableScopes, permissions } = properties
  const actions = permissions.flatMap((one) => one.actions ?? [])
  const dataActions = permissions.flatMap((one) => one.dataActions ?? [])
  return { name, roleName, description: description ?? '', assignableScopes, actions, dataActions }
}
