import { input } from '../../../core/input-name.ts'
import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { isEntra } from '../../words.ts'

export const entraCaseDiffers: Rule<'failure'> = {
  id: 'entra/case-differs',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 7002138),
  finding: ({ failure: { detail } }) => ({
    summary: `The federated credential's subject or issuer differs from the token in upper and lower case only. ${detail}`,
    remedy: `run with ${input('mode', 'apply')} to write it byte for byte`,
    link: FEDERATION
  }),
  symptom: 'A credential that looks right, and worked until 2025, is refused.',
  cause: 'Since February 2025, Entra compares subject and issuer with upper and lower case.',
  texts: [
    'AADSTS7002138',
    'matches with case-insensitive comparison, but not with case-sensitive comparison'
  ],
  sources: ['https://github.com/Azure/login/issues/515', FEDERATION],
  examples: [
    {
      names: NAMES,
      failure: entra(
        7002138,
        'The subject matches with case-insensitive comparison, but not with case-sensitive comparison.'
      )
    }
  ]
}
