import { word } from '../../../core/shell.ts'
import { safe } from '../../../http/errors.ts'
import type { Workload } from '../../evidence.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, kubectl, lines, matched, patch, restart } from '../../words.ts'

const EXPIRATION = 'azure.workload.identity/service-account-token-expiration'

export const workloadTokenExpirationInvalid: Rule<'workload'> = {
  id: 'workload/token-expiration-invalid',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload }) => lifetimeOf(workload) !== undefined,
  finding: ({ workload, names }) => ({
    summary: `The annotation ${EXPIRATION} is out of range, so the webhook refuses every pod.`,
    expected: '3600 to 86400',
    actual: safe(matched(lifetimeOf(workload)), 40),
    remedy: 'correct it, and restart the pods',
    command: lines(
      workload.annotations?.[EXPIRATION] === lifetimeOf(workload)
        ? kubectl(names, `annotate --overwrite serviceaccount ${word(workload.account)} ${EXPIRATION}=3600`)
        : patch(names, deploymentOf(names), {
            spec: { template: { metadata: { annotations: { [EXPIRATION]: '3600' } } } }
          }),
      restart(names)
    ),
    link: AWI_LABELS
  }),
  symptom: 'A rollout of the repo-server does not create pods; the ReplicaSet reports FailedCreate.',
  cause: 'The webhook accepts 3600 to 86400 seconds.',
  texts: ['service-account-token-expiration', 'denied the request: token expiration'],
  sources: [AWI_LABELS],
  examples: [
    { names: NAMES, workload: { ...WORKLOAD, annotations: { ...WORKLOAD.annotations, [EXPIRATION]: '60' } } },
    { names: NAMES, workload: { ...WORKLOAD, templateAnnotations: { [EXPIRATION]: '86401' } } },
    { names: NAMES, workload: { ...WORKLOAD, templateAnnotations: { [EXPIRATION]: 'an hour' } } }
  ]
}

/** The value that the webhook refuses. */
function lifetimeOf({ annotations = {}, templateAnnotations }: Workload): string | undefined {
  return [annotations[EXPIRATION], templateAnnotations[EXPIRATION]].find(
    (value) => value !== undefined && !(Number(value) >= 3600 && Number(value) <= 86_400)
  )
}
