import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { IDENTITY, NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS, argocdIssue } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { annotate, matched } from '../../words.ts'

const CLIENT_ID = 'azure.workload.identity/client-id'

export const workloadOtherIdentity: Rule<'workload' | 'identity'> = {
  id: 'workload/other-identity',
  needs: ['workload', 'identity'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { annotations = {} }, identity }) =>
    annotations[CLIENT_ID] !== identity.clientId &&
    identity.named[annotations[CLIENT_ID] ?? ''] !== undefined,
  finding: ({ workload: { annotations, account }, identity, names }) => {
    const found = matched(annotations?.[CLIENT_ID])
    const name = matched(identity.named[found])
    return {
      summary: `The service account ${account} names another identity: ${name}.`,
      expected: identity.clientId,
      actual: found,
      remedy: `replace it if nothing else needs it, or set ${input('identity-name', name)}`,
      command: annotate(names, account, `${CLIENT_ID}=${word(identity.clientId)}`),
      link: AWI_LABELS
    }
  },
  symptom: 'Argo CD reads as another identity, or Entra says AADSTS700213.',
  cause: 'Somebody set up another identity for the same Argo CD; a repo-server has only one.',
  texts: ['AADSTS700213', 'AADSTS70021'],
  sources: [AWI_LABELS, argocdIssue(26008)],
  examples: [
    {
      names: NAMES,
      identity: { ...IDENTITY, named: { '00000000-0000-4000-8000-00000000cafe': 'id-other' } },
      workload: { ...WORKLOAD, annotations: { [CLIENT_ID]: '00000000-0000-4000-8000-00000000cafe' } }
    }
  ]
}
