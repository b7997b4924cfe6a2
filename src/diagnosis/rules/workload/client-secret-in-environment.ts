import type { Workload } from '../../evidence.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AZIDENTITY } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, kubectl } from '../../words.ts'

const STRONGER = ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_USERNAME', 'AZURE_PASSWORD']

export const workloadClientSecretInEnvironment: Rule<'workload'> = {
  id: 'workload/client-secret-in-environment',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_PODS, 'workload/set-by-hand'],
  matches: ({ workload }) => strongerIn(workload).length > 0 && !isLimited(workload),
  finding: ({ workload, names }) => ({
    summary: `The container ${workload.container} has ${strongerIn(workload).join(', ')}: that login takes precedence over workload identity.`,
    expected: 'none of them',
    actual: strongerIn(workload).join(', '),
    remedy: 'remove it where Argo CD is installed from, or limit the login to workload identity there',
    command: kubectl(
      names,
      `set env ${deploymentOf(names)} AZURE_TOKEN_CREDENTIALS=WorkloadIdentityCredential`
    ),
    link: AZIDENTITY
  }),
  symptom:
    'Argo CD logs in as another application: it is refused, or stops on the day that the secret expires.',
  cause:
    "Argo CD's identity library tries a client secret, certificate or password in the environment first.",
  texts: ['EnvironmentCredential', 'AADSTS7000215', 'AADSTS7000222'],
  sources: [AZIDENTITY],
  examples: [
    {
      names: NAMES,
      workload: { ...WORKLOAD, variables: [{ name: 'AZURE_CLIENT_SECRET', value: undefined }] }
    },
    {
      names: NAMES,
      workload: {
        ...WORKLOAD,
        variableSources: [
          { kind: 'Secret', name: 'azure-tools', keys: ['AZURE_CLIENT_CERTIFICATE_PATH', 'other'] }
        ]
      }
    }
  ]
}

function strongerIn({ variables, variableSources }: Workload): string[] {
  return [
    ...variables.filter(({ name }) => STRONGER.includes(name)).map(({ name }) => name),
    ...variableSources.flatMap(({ kind, name, keys = [] }) =>
      keys.filter((key) => STRONGER.includes(key)).map((key) => `${key} of the ${kind} ${name}`)
    )
  ]
}

/** Then the library does not look at the environment for a secret. */
function isLimited({ variables }: Workload): boolean {
  return variables.some(
    ({ name, value }) => name === 'AZURE_TOKEN_CREDENTIALS' && value === 'WorkloadIdentityCredential'
  )
}
