import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'

export const entraRefused: Rule<'failure'> = {
  id: 'entra/refused',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure }) => failure.service === 'Entra',
  finding: ({ failure: { code, status, detail } }) => ({
    summary: `Entra refused the exchange: ${code ?? status} ${detail}`,
    remedy: `look the code up: https://login.microsoftonline.com/error?code=${code?.replace('AADSTS', '') ?? ''}`,
    link: AADSTS
  }),
  symptom: 'The token exchange fails with a code that Patless does not know.',
  cause: "Entra's error reference explains the code.",
  texts: ['AADSTS'],
  sources: [AADSTS],
  examples: [
    { names: NAMES, failure: entra(999999) },
    { names: NAMES, failure: { ...entra(1), code: undefined, status: 400 } }
  ]
}
