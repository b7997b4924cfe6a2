import { input } from '../../../core/input-name.ts'
import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'
import { isEntra, known } from '../../words.ts'

export const entraIdentityDisabled: Rule<'failure'> = {
  id: 'entra/identity-disabled',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 7000112, 7000229, 7000113),
  finding: ({ failure: { detail }, names }) => ({
    summary: `The identity is disabled, or has no service principal in this tenant: ${detail}`,
    remedy: `enable it; if it was deleted, run with ${input('mode', 'apply')}`,
    command: `az ad sp update --id ${known(names.clientId, 'client id')} --set accountEnabled=true`,
    link: AADSTS
  }),
  symptom: 'The token exchange worked, and now every one is refused.',
  cause: 'An administrator disabled the enterprise application of the identity, or deleted it in the tenant.',
  texts: [
    'AADSTS7000112',
    'AADSTS7000229',
    'AADSTS7000113',
    'is disabled',
    'missing service principal in the tenant'
  ],
  sources: [AADSTS],
  examples: [
    { names: NAMES, failure: entra(7000112, "Application '…' (id-argocd) is disabled.") },
    { names: NAMES, failure: entra(7000229) },
    { names: NAMES, failure: entra(7000113) }
  ]
}
