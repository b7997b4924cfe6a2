import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS, AZIDENTITY } from '../../sources.ts'
import { deploymentOf, isEntra, kubectl } from '../../words.ts'

export const entraSecretRefused: Rule<'failure'> = {
  id: 'entra/secret-refused',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 7000215, 7000222, 7000216, 700030, 50012, 7000218),
  finding: ({ names }) => ({
    summary:
      'Entra refuses the client secret or certificate, or was given none: with workload identity there is no such login.',
    remedy: `remove AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH and the like from the container, or limit the login to workload identity there`,
    command: kubectl(
      names,
      `set env ${deploymentOf(names)} AZURE_TOKEN_CREDENTIALS=WorkloadIdentityCredential`
    ),
    link: AZIDENTITY
  }),
  symptom: 'Argo CD worked, and stopped on the day a secret of another tool expired.',
  cause:
    'A client secret in the environment of the repo-server (of a plugin for secrets, for example) takes precedence over workload identity, and it has expired or is wrong.',
  texts: [
    'AADSTS7000215',
    'AADSTS7000222',
    'AADSTS7000216',
    'AADSTS700030',
    'AADSTS50012',
    'AADSTS7000218',
    'Invalid client secret provided',
    'The provided client secret keys are expired'
  ],
  sources: [AADSTS, AZIDENTITY],
  examples: [
    { names: NAMES, failure: entra(7000222, 'The provided client secret keys for app are expired.') },
    ...[7000215, 7000216, 700030, 50012, 7000218].map((number) => ({ names: NAMES, failure: entra(number) }))
  ]
}
