import { input } from '../../../core/input-name.ts'
import { IDENTITY, MEMBERSHIP, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, organizationPage } from '../../words.ts'

export const entitlementOtherTenant: Rule<'membership' | 'identity'> = {
  id: 'entitlement/other-tenant',
  needs: ['membership', 'identity'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_READING, 'azure-devops/login-refused', 'azure-devops/tenant-differs'],
  matches: ({ membership: { tenantId }, identity }) =>
    tenantId !== undefined && tenantId.toLowerCase() !== identity.tenantId.toLowerCase(),
  finding: ({ membership, identity, names }) => {
    const tenantId = matched(membership.tenantId)
    return {
      summary: `The organization ${names.organization ?? ''} is connected to another Entra tenant than the identity's; it only takes identities of its own.`,
      expected: identity.tenantId,
      actual: tenantId,
      remedy: `put the identity into a subscription of tenant ${tenantId} (${input('identity-tenant-id', tenantId)}, if the cluster is in another), or connect the organization to tenant ${identity.tenantId}: ${organizationPage(names, 'organizationAad')}`,
      link: DEVOPS_PRINCIPALS
    }
  },
  symptom: 'Azure Repos answers 302 or 401 although the token is valid.',
  cause: 'Azure DevOps accepts only tokens of the tenant that the organization is connected to.',
  texts: ['TF400813', 'status code: 302', 'outside of your directory'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    {
      names: NAMES,
      identity: IDENTITY,
      membership: { ...MEMBERSHIP, tenantId: '00000000-0000-4000-8000-000000000001' }
    }
  ]
}
