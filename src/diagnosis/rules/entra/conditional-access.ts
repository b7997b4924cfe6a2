import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS, CONDITIONAL_ACCESS } from '../../sources.ts'
import { isEntra } from '../../words.ts'

export const entraConditionalAccess: Rule<'failure'> = {
  id: 'entra/conditional-access',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 53003, 530003, 53000, 53001, 53002, 53004, 530034),
  finding: ({ names }) => ({
    summary: 'A Conditional Access policy for workload identities blocks the identity.',
    remedy: `in Entra > Conditional Access, let the policy allow the application ${names.clientId ?? 'of the identity'} from the addresses of the cluster and of the runner; the sign-in log of the service principal names the policy`,
    link: CONDITIONAL_ACCESS
  }),
  symptom:
    'The token exchange is refused although trust and identity are right; often from some networks only.',
  cause: 'A Conditional Access policy for workload identities limits locations or risk.',
  texts: [
    'AADSTS53003',
    'AADSTS530003',
    'AADSTS530034',
    'Access has been blocked by Conditional Access policies'
  ],
  sources: [CONDITIONAL_ACCESS, AADSTS],
  examples: [
    { names: NAMES, failure: entra(53003, 'Access has been blocked by Conditional Access policies.') },
    ...[530003, 53000, 53001, 53002, 53004, 530034].map((number) => ({
      names: NAMES,
      failure: entra(number)
    }))
  ]
}
