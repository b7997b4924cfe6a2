import { input } from '../../../core/input-name.ts'
import { MEMBERSHIP, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, organizationPage } from '../../words.ts'

export const entitlementStakeholder: Rule<'membership'> = {
  id: 'entitlement/stakeholder',
  needs: ['membership'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'proved',
  explains: OF_READING,
  matches: ({ membership: { member } }) => member !== undefined && !member.reads,
  finding: ({ membership: { member }, names }) => ({
    summary: `The identity has the access level ${matched(member).accessLevel}, which does not include repositories.`,
    expected: 'Basic',
    actual: matched(member).accessLevel,
    remedy: `run with ${input('mode', 'apply')}; by hand: ${organizationPage(names, 'users')} > ${names.identity ?? 'the identity'} > Change access level > Basic`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'git says TF401019: the repository does not exist or you do not have permissions.',
  cause:
    'Stakeholder cannot read repositories. Group rules and memberships of Entra groups give service principals no license.',
  texts: ['TF401019', 'Stakeholder'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    {
      names: NAMES,
      membership: { ...MEMBERSHIP, member: { accessLevel: 'Stakeholder', reads: false, status: 'active' } }
    },
    {
      names: NAMES,
      membership: { ...MEMBERSHIP, member: { accessLevel: 'none', reads: false, status: 'active' } }
    }
  ]
}
