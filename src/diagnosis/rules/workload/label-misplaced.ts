import { input } from '../../../core/input-name.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, patch, templateLabel } from '../../words.ts'

const LABEL = 'azure.workload.identity/use'

export const workloadLabelMisplaced: Rule<'workload'> = {
  id: 'workload/label-misplaced',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { templateLabels, deploymentLabels, accountLabels = {} } }) =>
    templateLabels[LABEL] === undefined &&
    (deploymentLabels[LABEL] !== undefined || accountLabels[LABEL] !== undefined),
  finding: ({ names, workload: { deployment, deploymentLabels } }) => ({
    summary: `The label ${LABEL} is on ${deploymentLabels[LABEL] === undefined ? 'the service account' : `the Deployment ${deployment}`}, but the webhook looks at the labels of pods.`,
    expected: 'spec.template.metadata.labels',
    actual: deploymentLabels[LABEL] === undefined ? 'the service account' : 'metadata.labels',
    remedy: `run with ${input('mode', 'apply')}, or set it on the pod template`,
    command: patch(names, deploymentOf(names), templateLabel(LABEL)),
    link: AWI_LABELS
  }),
  symptom: 'The label is there, and the pods still have no identity.',
  cause: 'The webhook selects pods by their own labels, which come from the pod template.',
  texts: ['azure.workload.identity/use', 'no client ID specified'],
  sources: [AWI_LABELS],
  examples: [
    { names: NAMES, workload: { ...WORKLOAD, templateLabels: {}, deploymentLabels: { [LABEL]: 'true' } } },
    { names: NAMES, workload: { ...WORKLOAD, templateLabels: {}, accountLabels: { [LABEL]: 'true' } } }
  ]
}
