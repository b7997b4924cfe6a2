import { input } from '../../../core/input-name.ts'
import { safe } from '../../../http/errors.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, matched, patch, templateLabel, writtenBy } from '../../words.ts'

const LABEL = 'azure.workload.identity/use'

export const workloadLabelValue: Rule<'workload'> = {
  id: 'workload/label-value',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { templateLabels } }) => ![undefined, 'true'].includes(templateLabels[LABEL]),
  finding: ({ names, workload: { templateLabels, managers, writers } }) => ({
    summary: `The label ${LABEL} of the pod template is not the text "true".${writtenBy(managers, writers.label)}`,
    expected: '"true"',
    actual: `"${safe(matched(templateLabels[LABEL]), 80)}"`,
    remedy: `run with ${input('mode', 'apply')}, or correct it`,
    command: patch(names, deploymentOf(names), templateLabel(LABEL)),
    link: AWI_LABELS
  }),
  symptom: 'The label is there, and the pods still have no identity.',
  cause: 'The selector of the webhook compares text: True, yes or a misspelling do not match.',
  texts: ['azure.workload.identity/use: True', 'no client ID specified'],
  sources: [AWI_LABELS],
  examples: [{ names: NAMES, workload: { ...WORKLOAD, templateLabels: { [LABEL]: 'True' } } }]
}
