import { kubernetes, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { KUBERNETES_QUOTA } from '../../sources.ts'
import { kubectl } from '../../words.ts'

export const kubernetesQuota: Rule<'failure'> = {
  id: 'kubernetes/quota',
  needs: ['failure'],
  link: 'argocd',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure: { service, status, whole } }) =>
    service === 'Kubernetes' &&
    [400, 403].includes(status) &&
    /exceeded quota|(?:maximum|minimum) .{1,100} usage per|must specify /.test(whole),
  finding: ({ failure: { detail }, names }) => ({
    summary: `A quota or limit of the namespace refuses it: ${detail}`,
    remedy: 'raise the quota, or free what it counts',
    command: kubectl(names, 'describe resourcequota,limitrange')
  }),
  symptom: 'The API server answers 403 although the login may create the object.',
  cause: 'A ResourceQuota or LimitRange of the namespace.',
  texts: ['exceeded quota', 'must specify limits', 'maximum memory usage per Container'],
  sources: [KUBERNETES_QUOTA],
  examples: [
    {
      names: NAMES,
      failure: kubernetes('Forbidden', 'secrets "repo" is forbidden: exceeded quota: compute')
    },
    { names: NAMES, failure: kubernetes('Forbidden', 'maximum cpu usage per Pod is 1') },
    { names: NAMES, failure: kubernetes('Forbidden', 'minimum cpu usage per Pod is 1', { status: 400 }) },
    { names: NAMES, failure: kubernetes('Forbidden', 'failed quota: must specify cpu') }
  ]
}
