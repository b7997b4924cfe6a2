/**
 * The identity is a member of the Azure DevOps organization with Basic access: Stakeholder cannot read repositories.
 * Azure DevOps requires the principal id (object id) and accepts only identities of its own tenant.
 */
import type { Member } from '../services/azure-devops/members.ts'
import { HttpProblem } from '../http/errors.ts'
import type { ChainResource } from './resource.ts'
import { identityServesOthers } from './dependents.ts'
import { MissingOutput } from '../engine/node.ts'
import type { Difference } from '../engine/outcome.ts'
import { input } from '../core/input-name.ts'

interface Spec {
  readonly organization: string
  /** undefined: there is no identity yet; then only the tenants are compared, before the first write. */
  readonly principalId: string | undefined
  /** Tenant of the identity. */
  readonly tenantId: string
}

interface State {
  readonly member: Member | undefined
  /** Tenant of the organization; requested only when the member is missing. */
  readonly tenantId: string | undefined
}

export const entitlement: ChainResource<Spec, State, Member> = {
  kind: 'entitlement',

  async read({ organization, principalId, tenantId }, { devops }, { fresh }) {
    const { members } = devops(organization)
    let member: Member | undefined
    try {
      member = principalId === undefined ? undefined : await members.member(principalId, fresh)
    } catch (error) {
      // An organization of another tenant accepts no login of ours either: then that is the reason.
      if (!(error instanceof HttpProblem)) throw error
      const found = await members.tenant()
      if (!differs(tenantId, found)) throw error
      return { member, tenantId: found }
    }
    const found = member ? undefined : await members.tenant()
    if (principalId === undefined && !differs(tenantId, found)) throw new MissingOutput('identity')
    return { member, tenantId: found }
  },

  assess(spec, { member, tenantId }) {
    if (!member) return { exists: false, differences: [absent(spec, tenantId)] }
    const { accessLevel, status, entitlementId } = member
    const differences: Difference[] = []
    if (!member.readsRepositories)
      differences.push({ field: 'access level', expected: 'Basic', actual: accessLevel })
    if (!['active', 'pending'].includes(status))
      differences.push({ field: 'status', expected: 'active', actual: status })
    const summary = `${accessLevel}, ${status}, entitlement ${entitlementId}`
    return { exists: true, differences, output: member, summary }
  },

  async apply({ organization, principalId = '' }, { member }, { devops }) {
    const { members } = devops(organization)
    await (member ? members.setBasic(member.entitlementId) : members.addMember(principalId))
  },

  /** Removing the member frees its license. The member is retained while anything else needs it. */
  planDelete({ organization }, { member }, dependents) {
    if (!member) return undefined
    const what = `${member.accessLevel} licence and membership in ${organization}`
    const projects = dependents.projects[organization] ?? []
    const retain =
      identityServesOthers(dependents) ??
      (projects.length === 0 ? undefined : `it is also in the projects ${projects.join(', ')}`)
    return retain === undefined ? { what } : { what, retain }
  },

  async delete({ organization }, { member }, { devops }) {
    if (member) await devops(organization).members.removeMember(member.entitlementId)
  }
}

function absent({ organization, principalId, tenantId }: Spec, found: string | undefined): Difference {
  const change = {
    field: 'member',
    expected: `${principalId ?? 'the identity'} in ${organization} with Basic`,
    actual: undefined
  }
  if (!differs(tenantId, found)) return change
  const summary = `The organization ${organization} is connected to another Entra tenant than the identity; it only accepts identities of its own tenant.`
  const remedy = `put the identity into a subscription of tenant ${found} (${input('identity-tenant-id', found)}, if the cluster is in another), or connect the organization to tenant ${tenantId}`
  const link = 'https://github.com/patless/patless/blob/main/docs/how-to/another-tenant.md'
  return {
    ...change,
    blocked: { id: 'entitlement/other-tenant', summary, expected: tenantId, actual: found, remedy, link }
  }
}

/** Whether both tenants are known, and not the same. */
function differs(tenantId: string, found: string | undefined): found is string {
  return found !== undefined && found.toLowerCase() !== tenantId.toLowerCase()
}
