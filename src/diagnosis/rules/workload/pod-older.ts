import type { Workload, Names } from '../../evidence.ts'
import { NAMES, PLAIN_POD, POD, WEBHOOK, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { restart } from '../../words.ts'

const CLIENT_ID = 'azure.workload.identity/client-id'

export const workloadPodOlder: Rule<'workload'> = {
  id: 'workload/pod-older',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  // A rollout that does not get on is the cause, not the consequence.
  explains: OF_PODS.filter((id) => id !== 'workload/rollout-stuck'),
  matches: ({ workload, names, webhook }) =>
    webhook?.registered !== false &&
    !workload.paused &&
    isSetUp(workload, names) &&
    workload.pods.length > 0 &&
    workload.pods.every(
      ({ environment }) => environment['AZURE_CLIENT_ID'] !== workload.annotations?.[CLIENT_ID]
    ),
  finding: ({ workload: { pods }, names }) => ({
    summary: `Label and annotation are right, but the repo-server ${pods.length === 1 ? 'pod does' : 'pods do'} not have the client id: the webhook changes a pod only when it is created.`,
    expected: names.clientId ?? 'the client id of the identity',
    actual: pods[0]?.environment['AZURE_CLIENT_ID'] ?? 'none',
    remedy: 'restart the pods',
    command: restart(names),
    link: AWI
  }),
  symptom: 'Everything looks right in the objects, and Argo CD still has no identity or an old one.',
  cause: 'The pods were created before the label, the annotation or the webhook.',
  texts: ['no client ID specified', 'AADSTS700016'],
  sources: [AWI],
  examples: [
    { names: NAMES, workload: { ...WORKLOAD, pods: [PLAIN_POD] } },
    {
      names: NAMES,
      webhook: WEBHOOK,
      workload: {
        ...WORKLOAD,
        pods: [1, 2].map(() => ({ ...POD, environment: { ...POD.environment, AZURE_CLIENT_ID: 'old' } }))
      }
    }
  ]
}

/** As the webhook wants it, and nothing that would keep it from a pod. */
function isSetUp(workload: Workload, { clientId }: Names): boolean {
  const { templateLabels, templateAnnotations, annotations = {}, variables, namespace } = workload
  return (
    templateLabels['azure.workload.identity/use'] === 'true' &&
    [clientId ?? annotations[CLIENT_ID], annotations[CLIENT_ID]].every(
      (id) => id !== undefined && id === annotations[CLIENT_ID]
    ) &&
    templateAnnotations['azure.workload.identity/skip-containers'] === undefined &&
    variables.every(({ name }) => name !== 'AZURE_CLIENT_ID') &&
    namespace !== 'kube-system'
  )
}
