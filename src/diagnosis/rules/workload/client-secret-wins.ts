import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AZIDENTITY } from '../../sources.ts'
import { deploymentOf, kubectl, shown } from '../../words.ts'

export const workloadClientSecretWins: Rule<'complaint'> = {
  id: 'workload/client-secret-wins',
  needs: ['complaint'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  matches: ({ complaint: { phase, whole } }) =>
    phase === 'reading' &&
    /EnvironmentCredential authentication failed|EnvironmentCredential: Client\w{1,30} authentication failed/.test(
      whole
    ),
  finding: ({ complaint: said, names }) => ({
    summary: `A client secret in the environment of the repo-server takes precedence over workload identity: ${shown(said, /EnvironmentCredential/)}`,
    expected: 'no AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH on the container',
    actual: 'one of them, maybe by envFrom',
    remedy:
      'remove it from the container where Argo CD is installed from, or limit the login to workload identity there',
    command: kubectl(
      names,
      `set env ${deploymentOf(names)} AZURE_TOKEN_CREDENTIALS=WorkloadIdentityCredential`
    ),
    link: AZIDENTITY
  }),
  symptom:
    'Argo CD logs in as another application: it is refused, or stops on the day that the secret expires.',
  cause:
    "Argo CD's identity library tries a client secret in the environment first. Plugins for secrets (AVP, SOPS, external tools) put one there.",
  texts: ['EnvironmentCredential authentication failed', 'ClientSecretCredential authentication failed'],
  sources: [AZIDENTITY],
  examples: [
    {
      names: NAMES,
      complaint: complaint('reading', 'failed to list refs: EnvironmentCredential authentication failed.')
    },
    {
      names: NAMES,
      complaint: complaint('reading', 'EnvironmentCredential: ClientSecretCredential authentication failed.')
    }
  ]
}
