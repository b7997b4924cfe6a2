import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_PROVIDERS } from '../../sources.ts'
import { hasCode, known } from '../../words.ts'

export const azureProviderNotRegistered: Rule<'failure'> = {
  id: 'azure/provider-not-registered',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => hasCode(failure, 'MissingSubscriptionRegistration'),
  finding: ({ failure: { detail } }) => ({
    summary: `The subscription is not registered for a resource provider: ${detail}`,
    remedy: 'register it, then run again',
    command: `az provider register -n ${known(/Microsoft\.\w+/.exec(detail)?.[0], 'namespace')} --wait`,
    code: 'MissingSubscriptionRegistration',
    link: ARM_PROVIDERS
  }),
  symptom: 'Azure answers 409 to the first request for a kind of resource.',
  cause: 'Nobody has used the resource provider in this subscription yet.',
  texts: ['MissingSubscriptionRegistration', 'The subscription is not registered to use namespace'],
  sources: [ARM_PROVIDERS],
  examples: [
    {
      names: NAMES,
      failure: arm(
        'MissingSubscriptionRegistration',
        "The subscription is not registered to use namespace 'Microsoft.KubernetesConfiguration'."
      )
    },
    { names: NAMES, failure: arm('MissingSubscriptionRegistration') }
  ]
}
