import { input } from '../../../core/input-name.ts'
import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION, AWI } from '../../sources.ts'
import { isEntra, lines, ofCluster, ofIdentity } from '../../words.ts'

export const entraIssuerUnknown: Rule<'failure'> = {
  id: 'entra/issuer-unknown',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 700211, 70021),
  finding: ({ failure: { detail }, names }) => ({
    summary: `Entra finds no federated credential with the issuer of this cluster's tokens. ${detail}`,
    remedy: `run with ${input('mode', 'apply')}; if it stays, compare the issuer of the credential with that of the cluster, trailing slash included`,
    command: lines(
      `az identity federated-credential list ${ofIdentity(names, '--identity-name')} --query "[].issuer"`,
      `az aks show ${ofCluster(names)} --query oidcIssuerProfile.issuerUrl`
    ),
    link: FEDERATION
  }),
  symptom: 'The token exchange fails; Argo CD reports "WorkloadIdentityCredential authentication failed".',
  cause:
    "No federated credential of the identity has the issuer of the cluster's tokens, byte for byte. A missing trailing slash is enough, and so is a cluster that was created again.",
  texts: [
    'AADSTS700211',
    'AADSTS70021',
    'No matching federated identity record found for presented assertion issuer'
  ],
  sources: [FEDERATION, AWI],
  examples: [
    {
      names: NAMES,
      failure: entra(
        700211,
        "AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://westeurope.oic.prod-aks.azure.com/…/'."
      )
    },
    { names: NAMES, failure: entra(70021) }
  ]
}
