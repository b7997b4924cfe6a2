/**
 * The identity is a member of the Azure DevOps organization, with Basic: Stakeholder cannot read repositories.
 * Azure DevOps wants the principal id (object id) and only takes identities of its own tenant.
 */
import type { Member } from '../services/azure-devops/members.ts'
import type { ChainHop } from './resource.ts'
import { identityServesOthers } from '../engine/dependents.ts'
import type { Change } from '../engine/outcome.ts'

interface Want {
  readonly organization: string
  readonly principalId: string
  /** Tenant of the identity. */
  readonly tenantId: string
}

interface Seen {
  readonly member: Member | undefined
  /** Of the organization; asked for only when the member is missing. */
  readonly tenantId: string | undefined
}

export const entitlement: ChainHop<Want, Seen, Member> = {
  name: 'entitlement',

  async observe({ principalId }, { devops }, fresh) {
    const member = await devops.members.member(principalId, fresh)
    return { member, tenantId: member ? undefined : await devops.members.tenant() }
  },

  exists: ({ member }) => member !== undefined,

  compare(want, { member, tenantId }) {
    if (!member) return [absent(want, tenantId)]
    const changes: Change[] = []
    if (!member.readsRepositories) {
      changes.push({ field: 'access level', expected: 'Basic', found: member.accessLevel })
    }
    if (!['active', 'pending'].includes(member.status)) {
      changes.push({ field: 'status', expected: 'active', found: member.status })
    }
    return changes
  },

  given: (_want, { member }) => member,
  summary: ({ accessLevel, status, entitlementId }) =>
    `${accessLevel}, ${status}, entitlement ${entitlementId}`,

  async apply({ principalId }, { member }, { devops }) {
    await (member ? devops.members.setBasic(member.entitlementId) : devops.members.addMember(principalId))
  },

  /** Removing the member frees its licence; it stays while anything else needs it. */
  belonging({ organization }, { member }, others) {
    if (!member) return undefined
    const what = `${member.accessLevel} licence and membership in ${organization}`
    const { projects } = others
    const keep =
      identityServesOthers(others) ??
      (projects.length === 0 ? undefined : `it is also in the projects ${projects.join(', ')}`)
    return keep === undefined ? { what } : { what, keep }
  },

  async remove(_want, { member }, { devops }) {
    if (member) await devops.members.removeMember(member.entitlementId)
  }
}

function absent({ organization, principalId, tenantId }: Want, found: string | undefined): Change {
  const change = {
    field: 'member',
    expected: `${principalId} in ${organization} with Basic`,
    found: undefined
  }
  if (found === undefined || found.toLowerCase() === tenantId.toLowerCase()) return change
  const what = `The organization ${organization} is connected to another Entra tenant than the identity; it only takes identities of its own.`
  const remedy = `create the identity in a subscription of tenant ${found}, or connect the organization to tenant ${tenantId}`
  return { ...change, blocked: { what, expected: tenantId, found, remedy } }
}
