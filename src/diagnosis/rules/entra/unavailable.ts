import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'
import { isEntra } from '../../words.ts'

export const entraUnavailable: Rule<'failure'> = {
  id: 'entra/unavailable',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) =>
    isEntra(failure, 90033, 90006, 90025, 90020, 50196, 90055) ||
    (failure.service === 'Entra' && (failure.status >= 500 || failure.status === 429)),
  finding: ({ failure: { detail } }) => ({
    summary: `Entra does not serve the request at the moment: ${detail}`,
    remedy: 'run again later; https://azure.status.microsoft shows outages'
  }),
  symptom: 'The token exchange fails for some time, without a change of yours.',
  cause: 'Entra has an outage or limits the rate of requests.',
  texts: [
    'AADSTS90033',
    'AADSTS90006',
    'AADSTS90025',
    'AADSTS90020',
    'AADSTS50196',
    'AADSTS90055',
    'A transient error has occurred'
  ],
  sources: [AADSTS],
  examples: [
    { names: NAMES, failure: entra(90033, 'A transient error has occurred.') },
    ...[90006, 90025, 90020, 50196, 90055].map((number) => ({ names: NAMES, failure: entra(number) })),
    { names: NAMES, failure: { ...entra(1), code: undefined, status: 503 } },
    { names: NAMES, failure: { ...entra(1), code: undefined, status: 429 } }
  ]
}
