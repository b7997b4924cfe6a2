import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_ERRORS } from '../../sources.ts'
import { hasCode } from '../../words.ts'

export const azureLinkedRightMissing: Rule<'failure'> = {
  id: 'azure/linked-right-missing',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => hasCode(failure, 'LinkedAuthorizationFailed'),
  finding: ({ failure: { detail } }) => ({
    summary: `The login is missing a permission in Azure on another resource that this one uses: ${detail}`,
    remedy:
      'grant the action named above at the linked scope (docs/permissions/azure-role-linked.json), or let somebody who has it configure the cluster',
    code: 'LinkedAuthorizationFailed'
  }),
  symptom: 'An update of the cluster is refused, although the login may write the cluster.',
  cause: 'A write of the whole cluster also needs permissions on its subnet, its identity and its workspace.',
  texts: ['LinkedAuthorizationFailed', 'has permission to perform action', 'linked scope'],
  sources: [ARM_ERRORS],
  examples: [{ names: NAMES, failure: arm('LinkedAuthorizationFailed') }]
}
