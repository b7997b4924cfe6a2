import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'
import { isEntra, restart } from '../../words.ts'

export const entraTokenLifetime: Rule<'failure'> = {
  id: 'entra/token-lifetime',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure }) => isEntra(failure, 700024, 500133, 700021),
  finding: ({ names }) => ({
    summary: "The cluster's token is outside its lifetime when Entra reads it.",
    remedy: `correct the clock of the nodes and of the cluster's control plane, and let the pods read a new token`,
    command: restart(names),
    link: AADSTS
  }),
  symptom: 'The token exchange fails now and then, or on one node only.',
  cause:
    'The clock of a node or of the control plane is wrong, or a program keeps an old token file instead of reading it again.',
  texts: [
    'AADSTS700024',
    'AADSTS500133',
    'AADSTS700021',
    'Client assertion is not within its valid time range'
  ],
  sources: [AADSTS, 'https://github.com/Azure/login/issues/180'],
  examples: [
    { names: NAMES, failure: entra(700024, 'Client assertion is not within its valid time range.') },
    { names: NAMES, failure: entra(500133) },
    { names: NAMES, failure: entra(700021) }
  ]
}
