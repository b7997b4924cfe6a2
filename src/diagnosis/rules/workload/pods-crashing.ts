import type { Pod } from '../../evidence.ts'
import { safe } from '../../../http/errors.ts'
import { NAMES, POD, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, kubectl, lines, matched } from '../../words.ts'

export const workloadPodsCrashing: Rule<'workload'> = {
  id: 'workload/pods-crashing',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_PODS, 'verification/no-answer'],
  matches: ({ workload: { pods } }) => pods.some(isBroken),
  finding: ({ workload: { pods }, names }) => ({
    summary: `A repo-server pod does not run: ${safe(matched(pods.find(isBroken)?.waiting), 200)}`,
    remedy: 'see why, and correct it',
    command: lines(
      kubectl(names, `describe ${deploymentOf(names)}`),
      kubectl(names, `logs ${deploymentOf(names)} --previous`)
    )
  }),
  symptom: 'The rollout of the repo-server does not finish; old pods may still serve.',
  cause: 'The program ends with an error, or its image cannot be pulled.',
  texts: ['CrashLoopBackOff', 'ImagePullBackOff', 'ErrImagePull'],
  sources: ['https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/'],
  examples: [
    { names: NAMES, workload: { ...WORKLOAD, pods: [{ ...POD, ready: false, waiting: 'CrashLoopBackOff' }] } }
  ]
}

function isBroken({ waiting = '' }: Pod): boolean {
  return /CrashLoopBackOff|ImagePull|ErrImage|CreateContainer/.test(waiting)
}
