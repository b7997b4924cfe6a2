import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, kubectl } from '../../words.ts'

export const workloadRolloutPaused: Rule<'workload'> = {
  id: 'workload/rollout-paused',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload }) => workload.paused,
  finding: ({ names }) => ({
    summary: 'The Deployment of the repo-server is paused, so a change does not reach its pods.',
    expected: 'not paused',
    actual: 'spec.paused: true',
    remedy: 'resume it',
    command: kubectl(names, `rollout resume ${deploymentOf(names)}`)
  }),
  symptom: 'Label and annotation change, the pods do not.',
  cause: 'Somebody ran kubectl rollout pause.',
  texts: ['rollout pause', 'spec.paused'],
  sources: ['https://kubernetes.io/docs/concepts/workloads/controllers/deployment/'],
  examples: [{ names: NAMES, workload: { ...WORKLOAD, paused: true } }]
}
