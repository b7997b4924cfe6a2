import { input } from '../../../core/input-name.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, patch, templateLabel, writtenBy } from '../../words.ts'

const LABEL = 'azure.workload.identity/use'

export const workloadLabelMissing: Rule<'workload'> = {
  id: 'workload/label-missing',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { templateLabels, deploymentLabels, accountLabels = {} } }) =>
    [templateLabels, deploymentLabels, accountLabels].every((labels) => labels[LABEL] === undefined),
  finding: ({ names, workload: { deployment, managers, writers } }) => ({
    summary: `The pod template of ${deployment} has no label ${LABEL}.${writtenBy(managers, writers.label)}`,
    expected: `${LABEL}: "true"`,
    actual: 'none',
    remedy: `run with ${input('mode', 'apply')}, or set it`,
    command: patch(names, deploymentOf(names), templateLabel(LABEL)),
    link: AWI_LABELS
  }),
  symptom: 'The pods have no AZURE_ variables.',
  cause: 'Nobody set the label yet, or the owner of the Deployment removed it.',
  texts: ['azure.workload.identity/use', 'no client ID specified'],
  sources: [AWI_LABELS],
  examples: [
    { names: NAMES, workload: { ...WORKLOAD, templateLabels: {} } },
    {
      names: NAMES,
      workload: {
        ...WORKLOAD,
        templateLabels: {},
        managers: ['Helm (release argo-cd)', 'argocd-operator'],
        writers: {
          label: 'kubectl edit (field manager kubectl-edit, 2026-01-31 10:15 UTC)',
          annotation: undefined
        }
      }
    }
  ]
}
