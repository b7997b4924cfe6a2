import { input } from '../../../core/input-name.ts'
import { MEMBERSHIP, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { organizationPage } from '../../words.ts'

export const entitlementNotAMember: Rule<'membership'> = {
  id: 'entitlement/not-a-member',
  needs: ['membership'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_READING],
  matches: ({ membership: { member } }) => member === undefined,
  finding: ({ names }) => ({
    summary: `The identity ${names.identity ?? ''} is not a member of the organization ${names.organization ?? ''}.`,
    expected: `${names.principalId ?? 'its service principal'} with Basic`,
    actual: 'no member',
    remedy: `run with ${input('mode', 'apply')}; by hand: ${organizationPage(names, 'users')} > Add users > ${names.identity ?? 'the identity'}, access level Basic`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'git says TF401444, or asks for a password.',
  cause: 'The identity was never added, or somebody removed it.',
  texts: ['TF401444', 'TF400813', 'could not read Password'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [{ names: NAMES, membership: { ...MEMBERSHIP, member: undefined } }]
}
