import { safe } from '../../../http/errors.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, matched, patch } from '../../words.ts'

const SKIP = 'azure.workload.identity/skip-containers'

export const workloadSkippedByWebhook: Rule<'workload'> = {
  id: 'workload/skipped-by-webhook',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { templateAnnotations, container } }) =>
    (templateAnnotations[SKIP] ?? '').split(';').some((name) => name.trim() === container),
  finding: ({ workload: { container, templateAnnotations, deployment }, names }) => ({
    summary: `The annotation ${SKIP} tells the webhook to skip the container ${container}.`,
    expected: `without ${container}`,
    actual: safe(matched(templateAnnotations[SKIP]), 200),
    remedy: `remove ${container} from the annotation on the pod template of ${deployment}, where Argo CD is installed from`,
    command: patch(names, deploymentOf(names), {
      spec: {
        template: {
          metadata: { annotations: { [SKIP]: without(matched(templateAnnotations[SKIP]), container) } }
        }
      }
    }),
    link: AWI_LABELS
  }),
  symptom: 'Other containers of the pod get an identity, the repo-server does not.',
  cause: 'The annotation was meant for a sidecar.',
  texts: ['azure.workload.identity/skip-containers'],
  sources: [AWI_LABELS],
  examples: [
    { names: NAMES, workload: { ...WORKLOAD, templateAnnotations: { [SKIP]: 'cmp; argocd-repo-server' } } }
  ]
}

/** What is left of the list; null removes the annotation. */
function without(list: string, container: string): string | null {
  const others = list.split(';').filter((name) => name.trim() !== container)
  return others.length === 0 ? null : others.join(';')
}
