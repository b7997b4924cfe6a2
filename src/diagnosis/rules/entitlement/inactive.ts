import { input } from '../../../core/input-name.ts'
import { MEMBERSHIP, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, organizationPage } from '../../words.ts'

export const entitlementInactive: Rule<'membership'> = {
  id: 'entitlement/inactive',
  needs: ['membership'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'proved',
  explains: OF_READING,
  matches: ({ membership: { member } }) =>
    member !== undefined && !['active', 'pending'].includes(member.status),
  finding: ({ membership: { member }, names }) => ({
    summary: `The membership of the identity is ${matched(member).status}.`,
    expected: 'active',
    actual: matched(member).status,
    remedy: `run with ${input('mode', 'apply')}; if it stays, remove and add the identity: ${organizationPage(names, 'users')}`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'git asks for a password although the identity is listed as a member.',
  cause: 'An administrator disabled the member, or its license expired.',
  texts: ['TF400813', 'could not read Password'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    {
      names: NAMES,
      membership: { ...MEMBERSHIP, member: { accessLevel: 'Basic', reads: true, status: 'disabled' } }
    }
  ]
}
