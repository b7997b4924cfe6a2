import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { kubectl } from '../../words.ts'

export const workloadServiceAccountMissing: Rule<'workload'> = {
  id: 'workload/service-account-missing',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload }) => workload.annotations === undefined,
  finding: ({ workload: { account }, names }) => ({
    summary: `The service account ${account} of the repo-server does not exist.`,
    expected: account,
    actual: 'none',
    remedy: `create it, then run with ${input('mode', 'apply')}`,
    command: kubectl(names, `create serviceaccount ${word(account)}`)
  }),
  symptom: 'New pods of the repo-server are refused.',
  cause: 'The service account was deleted or renamed, and the Deployment still names it.',
  texts: ['serviceaccount not found', 'error looking up service account'],
  sources: [AWI_LABELS],
  examples: [{ names: NAMES, workload: { ...WORKLOAD, annotations: undefined } }]
}
