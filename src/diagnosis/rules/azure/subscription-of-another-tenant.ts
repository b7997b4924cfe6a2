import { input } from '../../../core/input-name.ts'
import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_ERRORS } from '../../sources.ts'
import { hasCode } from '../../words.ts'

const TENANTS = /sts\.windows\.net\/([0-9a-f-]{36})\/?'.*?sts\.windows\.net\/([0-9a-f-]{36})\/?'/i

export const azureSubscriptionOfAnotherTenant: Rule<'failure'> = {
  id: 'azure/subscription-of-another-tenant',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => hasCode(failure, 'InvalidAuthenticationTokenTenant'),
  finding: ({ failure: { whole, detail } }) => {
    const [, ofLogin, ofSubscription] = TENANTS.exec(whole) ?? TENANTS.exec(detail) ?? []
    return {
      summary: 'The subscription is in another Entra tenant than the one that the login is in.',
      expected:
        ofSubscription === undefined ? 'a login of its tenant' : `a login of tenant ${ofSubscription}`,
      actual: ofLogin === undefined ? detail : `a login of tenant ${ofLogin}`,
      remedy: `correct the subscription, or log in to its tenant; if cluster and identity are in two tenants, ${input('subscription-id')} is for the tenant of the cluster, and ${input('identity-subscription-id')} for ${input('identity-tenant-id')}`,
      command: 'az account list --all --query "[].{name: name, subscription: id, tenant: tenantId}" -o table',
      link: ARM_ERRORS
    }
  },
  symptom: 'Azure answers 401 although the login works.',
  cause: 'Subscription and login belong to two tenants.',
  texts: ['InvalidAuthenticationTokenTenant', 'The access token is from the wrong issuer'],
  sources: [ARM_ERRORS],
  examples: [
    {
      names: NAMES,
      failure: arm(
        'InvalidAuthenticationTokenTenant',
        "The access token is from the wrong issuer 'https://sts.windows.net/00000000-0000-4000-8000-000000000001/'. It must match the tenant 'https://sts.windows.net/00000000-0000-4000-8000-000000000002/' associated with this subscription."
      )
    },
    { names: NAMES, failure: arm('InvalidAuthenticationTokenTenant') }
  ]
}
