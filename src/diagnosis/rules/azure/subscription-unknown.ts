import { input } from '../../../core/input-name.ts'
import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_ERRORS } from '../../sources.ts'
import { hasCode } from '../../words.ts'

export const azureSubscriptionUnknown: Rule<'failure'> = {
  id: 'azure/subscription-unknown',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => hasCode(failure, 'SubscriptionNotFound', 'InvalidSubscriptionId'),
  finding: ({ failure: { detail } }) => ({
    summary: `The login cannot see the subscription. ${detail}`,
    remedy: `correct ${input('subscription-id')}, or grant the login Reader on the cluster`,
    command: 'az account list --query "[].{name: name, id: id, tenant: tenantId}" --output table'
  }),
  symptom: 'Azure answers 404 or 400 to every request.',
  cause: 'The id is wrong, or the login has no role in the subscription.',
  texts: ['SubscriptionNotFound', 'InvalidSubscriptionId'],
  sources: [ARM_ERRORS],
  examples: [
    { names: NAMES, failure: arm('SubscriptionNotFound', "The subscription '…' could not be found.") },
    { names: NAMES, failure: arm('InvalidSubscriptionId') }
  ]
}
