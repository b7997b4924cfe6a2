import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'
import { deploymentOf, isEntra, kubectl, lines, restart } from '../../words.ts'

export const entraAssertionMalformed: Rule<'failure'> = {
  id: 'entra/assertion-malformed',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure }) => isEntra(failure, 50027, 900144, 90014, 5002727),
  finding: ({ names }) => ({
    summary: 'Entra cannot read the token that it was given, or a part of the request is missing.',
    remedy: 'see whether the token file of a pod is empty, then restart the pods',
    command: lines(
      kubectl(names, `exec ${deploymentOf(names)} -- sh -c 'wc -c < "$AZURE_FEDERATED_TOKEN_FILE"'`),
      restart(names)
    ),
    link: AADSTS
  }),
  symptom: 'The token exchange fails with an error about an invalid token or a missing parameter.',
  cause: 'The token file is empty or not a token of this cluster, or a proxy changes the request.',
  texts: ['AADSTS50027', 'AADSTS900144', 'AADSTS90014', 'AADSTS5002727', 'JWT token is invalid or malformed'],
  sources: [AADSTS],
  examples: [50027, 900144, 90014, 5002727].map((number) => ({
    names: NAMES,
    failure: entra(number, 'JWT token is invalid or malformed.')
  }))
}
