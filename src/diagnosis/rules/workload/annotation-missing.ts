import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { known, kubectl, lines, restart, writtenBy } from '../../words.ts'

const CLIENT_ID = 'azure.workload.identity/client-id'

export const workloadAnnotationMissing: Rule<'workload'> = {
  id: 'workload/annotation-missing',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { annotations, annotatedElsewhere }, names }) =>
    annotations !== undefined &&
    annotations[CLIENT_ID] === undefined &&
    !annotatedElsewhere.some(({ clientId }) => clientId === (names.clientId ?? clientId)),
  finding: ({ workload: { account, managers, writers }, names }) => ({
    summary: `The service account ${account} has no annotation ${CLIENT_ID}.${writtenBy(managers, writers.annotation)}`,
    expected: names.clientId ?? 'the client id of the identity',
    actual: 'none',
    remedy: `run with ${input('mode', 'apply')}, or annotate it and restart the pods`,
    command: lines(
      kubectl(
        names,
        `annotate serviceaccount ${word(account)} ${CLIENT_ID}=${known(names.clientId, 'client id')}`
      ),
      restart(names)
    ),
    link: AWI_LABELS
  }),
  symptom: 'The pods have a token file, but no AZURE_CLIENT_ID.',
  cause: 'Nobody set the annotation yet, or the owner of the service account removed it.',
  texts: ['no client ID specified. Check pod configuration or set ClientID in the options'],
  sources: [AWI_LABELS],
  examples: [{ names: NAMES, workload: { ...WORKLOAD, annotations: {} } }]
}
