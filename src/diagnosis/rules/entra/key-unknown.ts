import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS, AKS_ISSUER } from '../../sources.ts'
import { isEntra, ofCluster } from '../../words.ts'

export const entraKeyUnknown: Rule<'failure'> = {
  id: 'entra/key-unknown',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 7000272, 700027, 50013),
  finding: ({ names }) => ({
    summary: "The key that signed the cluster's token is not among those its issuer publishes.",
    remedy: `after a rotation of the signing keys, wait and run again; on AKS, reconcile the cluster; else the issuer belongs to another cluster`,
    command: `az aks update ${ofCluster(names)}`
  }),
  symptom: 'The token exchange fails with an error about a certificate or a signature.',
  cause:
    "The issuer's published keys do not contain the key of the token: the keys were rotated a moment ago, a copy of the keys (as with a cluster that is not AKS) is old, or the issuer belongs to another cluster.",
  texts: [
    'AADSTS7000272',
    'AADSTS700027',
    'AADSTS50013',
    'could not be found in the metadata of identity provider'
  ],
  sources: [AKS_ISSUER, AADSTS],
  examples: [
    { names: NAMES, failure: entra(7000272) },
    { names: NAMES, failure: entra(700027) },
    { names: NAMES, failure: entra(50013) }
  ]
}
