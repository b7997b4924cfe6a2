import { input } from '../../../core/input-name.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI, AZIDENTITY } from '../../sources.ts'
import { restart, shown } from '../../words.ts'

export const workloadNoIdentity: Rule<'complaint'> = {
  id: 'workload/no-identity',
  needs: ['complaint'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  matches: ({ complaint: { phase, whole } }) =>
    phase === 'reading' &&
    /no client ID specified|no token (?:source|file) specified|no tenant ID specified|no such file or directory|WorkloadIdentityCredential: (?!authentication)/.test(
      whole
    ),
  finding: ({ complaint: said, names }) => ({
    summary: `A repo-server pod does not carry the identity: ${shown(said, /no (?:client|token|tenant) |no such file/)}`,
    remedy: `run with ${input('mode', 'apply')}; every pod must be newer than label and annotation`,
    command: restart(names)
  }),
  symptom: 'Argo CD reports "no client ID specified" and then noise about managed identity and az.',
  cause:
    'The webhook did not change the pod: label, annotation or webhook are missing, or the pod is older than they are.',
  texts: [
    'no client ID specified. Check pod configuration or set ClientID in the options',
    'no token file specified',
    'no tenant ID specified',
    'Azure CLI not found on path'
  ],
  sources: [AWI, AZIDENTITY],
  examples: [
    'WorkloadIdentityCredential: no client ID specified. Check pod configuration or set ClientID in the options',
    'no token source specified',
    'no token file specified',
    'no tenant ID specified',
    'open /var/run/secrets/azure/tokens/azure-identity-token: no such file or directory',
    'WorkloadIdentityCredential: something new'
  ].map((text) => ({ names: NAMES, complaint: complaint('reading', text) }))
}
