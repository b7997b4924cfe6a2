import type { Pod } from '../../evidence.ts'
import { safe } from '../../../http/errors.ts'
import { NAMES, POD, TRUST, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AKS_IDENTITY } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { difference, matched, restart } from '../../words.ts'

export const workloadOtherAudience: Rule<'workload' | 'trust'> = {
  id: 'workload/other-audience',
  needs: ['workload', 'trust'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { pods }, trust: { audience } }) => otherAudience(pods, audience) !== undefined,
  finding: ({ workload: { pods }, trust: { audience }, names }) => {
    const actual = matched(otherAudience(pods, audience))
    return {
      summary: `The token of the pods is for another audience: ${difference(audience, actual)}.`,
      expected: audience,
      actual: safe(actual, 200),
      remedy:
        'remove the identity binding from the pod template or --audience from the webhook, then restart the pods',
      command: restart(names),
      link: AKS_IDENTITY
    }
  },
  symptom: 'Entra says AADSTS700212, although the federated credential is right.',
  cause:
    'AKS identity bindings, or a webhook with another --audience, change the audience of the projected token.',
  texts: ['AADSTS700212', 'azure.workload.identity/use-identity-binding'],
  sources: [AKS_IDENTITY],
  examples: [
    {
      names: NAMES,
      trust: TRUST,
      workload: { ...WORKLOAD, pods: [{ ...POD, audience: 'api://AKSIdentityBinding' }] }
    }
  ]
}

function otherAudience(pods: readonly Pod[], audience: string): string | undefined {
  return pods.map((pod) => pod.audience).find((found) => found !== undefined && found !== audience)
}
