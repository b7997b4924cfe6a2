import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION, AWI } from '../../sources.ts'
import { isEntra, ofCluster } from '../../words.ts'

export const entraDiscoveryUnreadable: Rule<'failure'> = {
  id: 'entra/discovery-unreadable',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 50166, 90061, 501661),
  finding: ({ names }) => ({
    summary: "Entra cannot read the cluster's OIDC discovery document.",
    remedy: `if the issuer was just enabled, wait some minutes; else make it readable from the internet (/.well-known/openid-configuration under the issuer, and the jwks_uri in it); on AKS, reconcile the cluster`,
    command: `az aks update ${ofCluster(names)}`,
    link: FEDERATION
  }),
  symptom: 'The token exchange fails with an error about an external endpoint.',
  cause:
    "Entra fetches the issuer's discovery document and keys itself, anonymously, from the internet. A storage account with network rules, a private issuer, or an issuer that was enabled a moment ago does not answer it.",
  texts: ['AADSTS50166', 'AADSTS90061', 'AADSTS501661', 'Request to External OIDC endpoint failed'],
  sources: ['https://github.com/Azure/azure-workload-identity/issues/1130', AWI],
  examples: [
    { names: NAMES, failure: entra(50166, 'Request to External OIDC endpoint failed.') },
    { names: NAMES, failure: entra(90061) },
    { names: NAMES, failure: entra(501661) }
  ]
}
