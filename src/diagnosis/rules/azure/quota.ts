import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_LIMITS } from '../../sources.ts'
import { hasCode } from '../../words.ts'

export const azureQuota: Rule<'failure'> = {
  id: 'azure/quota',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) =>
    hasCode(
      failure,
      'QuotaExceeded',
      'ResourceQuotaExceeded',
      'OperationNotAllowedQuota',
      'ResourceCountExceedsLimit',
      'TooManyResources'
    ) ||
    (failure.service === 'ARM' &&
      failure.status !== 429 &&
      /\bquota\b.{0,200}\bexceed|\bexceed\w*.{0,200}\bquota\b/i.test(failure.whole)),
  finding: ({ failure: { detail } }) => ({
    summary: `A quota of Azure is used up: ${detail}`,
    remedy: 'free what it counts, or request more: Subscriptions > Usage + quotas in the portal',
    link: ARM_LIMITS
  }),
  symptom: 'Azure refuses to create a resource although all permissions are there.',
  cause: 'The subscription or the region has reached a limit.',
  texts: ['QuotaExceeded', 'ResourceQuotaExceeded', 'exceeding approved quota'],
  sources: [ARM_LIMITS],
  examples: [
    { names: NAMES, failure: arm('QuotaExceeded', 'Operation results in exceeding approved quota.') },
    {
      names: NAMES,
      failure: arm(
        'BadRequest',
        'Operation could not be completed as it results in exceeding approved cores Quota.'
      )
    },
    { names: NAMES, failure: arm('BadRequest', 'the quota of the region is exceeded') }
  ]
}
