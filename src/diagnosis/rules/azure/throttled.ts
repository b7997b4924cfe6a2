import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_LIMITS } from '../../sources.ts'

export const azureThrottled: Rule<'failure'> = {
  id: 'azure/throttled',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => failure.service === 'ARM' && failure.status === 429,
  finding: ({ failure: { detail } }) => ({
    summary: `Azure limits the rate of requests: ${detail}`,
    remedy: 'run again later; let fewer jobs run at once for the same identity or subscription',
    link: ARM_LIMITS
  }),
  symptom: 'Azure answers 429 for some time.',
  cause: 'Too many requests of all callers for this subscription, tenant or identity.',
  texts: ['TooManyRequests', 'SubscriptionRequestsThrottled', '429'],
  sources: [ARM_LIMITS],
  examples: [
    { names: NAMES, failure: arm('TooManyRequests', 'The request is being throttled.', { status: 429 }) }
  ]
}
