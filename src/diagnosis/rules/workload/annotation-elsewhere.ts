import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { known, kubectl, lines, restart } from '../../words.ts'

const CLIENT_ID = 'azure.workload.identity/client-id'

export const workloadAnnotationElsewhere: Rule<'workload'> = {
  id: 'workload/annotation-elsewhere',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { annotations, annotatedElsewhere }, names }) =>
    annotations !== undefined &&
    annotations[CLIENT_ID] === undefined &&
    annotatedElsewhere.some(({ clientId }) => clientId === (names.clientId ?? clientId)),
  finding: ({ workload: { account, annotatedElsewhere }, names }) => {
    const others = annotatedElsewhere
      .filter(({ clientId }) => clientId === (names.clientId ?? clientId))
      .map((one) => one.account)
    return {
      summary: `The client id is on the service account ${others.join(', ')}, but the repo-server pods use ${account}.`,
      expected: account,
      actual: others.join(', '),
      remedy: `run with ${input('mode', 'apply')}, or annotate it and restart the pods`,
      command: lines(
        kubectl(
          names,
          `annotate serviceaccount ${word(account)} ${CLIENT_ID}=${known(names.clientId, 'client id')}`
        ),
        restart(names)
      ),
      link: AWI_LABELS
    }
  },
  symptom: 'A service account has the annotation, and the pods still have no client id.',
  cause:
    'Helm prefixes names with the release, and the operator uses the account "default": the annotated account is not that of the pods.',
  texts: ['azure.workload.identity/client-id', 'no client ID specified'],
  sources: [AWI_LABELS],
  examples: [
    {
      names: NAMES,
      workload: {
        ...WORKLOAD,
        annotations: {},
        annotatedElsewhere: [{ account: 'argocd-server', clientId: NAMES.clientId ?? '' }]
      }
    }
  ]
}
