import type { Pod } from '../../evidence.ts'
import { NAMES, PLAIN_POD, POD, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, kubectl, lines, restart } from '../../words.ts'

export const workloadPodsPartlyWithoutIdentity: Rule<'workload'> = {
  id: 'workload/pods-partly-without-identity',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { pods } }) => pods.some(hasIdentity) && !pods.every(hasIdentity),
  finding: ({ workload: { pods }, names }) => {
    const plain = pods.filter((pod) => !hasIdentity(pod)).map(({ name }) => name)
    return {
      summary: `${plain.length} of ${pods.length} repo-server pods do not carry the identity (${plain.join(', ')}), so Argo CD fails now and then.`,
      expected: 'all pods',
      actual: `${pods.length - plain.length} of ${pods.length}`,
      remedy: 'finish the rollout, or start it again',
      command: lines(restart(names), kubectl(names, `rollout status ${deploymentOf(names)}`)),
      link: AWI
    }
  },
  symptom: 'Applications flap between Synced and Unknown.',
  cause:
    'Some pods are older than label and annotation: a rollout stopped halfway, or an old ReplicaSet still has pods.',
  texts: ['no client ID specified'],
  sources: [AWI],
  examples: [
    { names: NAMES, workload: { ...WORKLOAD, replicas: 2, pods: [POD, { ...PLAIN_POD, name: 'old' }] } }
  ]
}

function hasIdentity({ environment }: Pod): boolean {
  return 'AZURE_CLIENT_ID' in environment
}
