import { NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { KUBERNETES_POLICIES } from '../../sources.ts'
import { OF_NETWORK } from '../../symptoms.ts'
import { known, kubectl, lines } from '../../words.ts'

export const networkEgressDenied: Rule<'network'> = {
  id: 'network/egress-denied',
  needs: ['network'],
  link: 'network',
  severity: 'error',
  certainty: 'likely',
  explains: OF_NETWORK,
  matches: ({ network: { egressPolicies } }) =>
    egressPolicies.length > 0 && egressPolicies.every(({ nothing }) => nothing),
  finding: ({ network: { egressPolicies }, names }) => ({
    summary: `The NetworkPolicy ${egressPolicies.map(({ name }) => name).join(', ')} denies the repo-server pods all outbound connections.`,
    expected: 'login.microsoftonline.com and dev.azure.com on port 443',
    actual: 'nothing is allowed',
    remedy: 'allow the pods of the repo-server port 443, and DNS',
    command: lines(
      ...egressPolicies.map(({ name }) => kubectl(names, `edit networkpolicy ${known(name, 'name')}`))
    ),
    link: KUBERNETES_POLICIES
  }),
  symptom: 'Argo CD hangs, then reports "context deadline exceeded".',
  cause: 'A policy with the type Egress selects the pods and allows nothing.',
  texts: ['context deadline exceeded', 'i/o timeout'],
  sources: [KUBERNETES_POLICIES],
  examples: [{ names: NAMES, network: { egressPolicies: [{ name: 'deny-egress', nothing: true }] } }]
}
