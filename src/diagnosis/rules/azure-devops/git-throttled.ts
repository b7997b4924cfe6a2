import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_RATES, argocdIssue } from '../../sources.ts'
import { kubectl } from '../../words.ts'

export const azureDevopsGitThrottled: Rule<'git'> = {
  id: 'azure-devops/git-throttled',
  needs: ['git'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  matches: ({ git: { stderr } }) => /TF400733|error: 429/.test(stderr),
  finding: ({ names }) => ({
    summary:
      'Azure DevOps limits the rate of requests of the identity: limits count per identity, and Argo CD uses it for all its repositories.',
    remedy: `let Argo CD ask less often: a webhook instead of polling, timeout.reconciliation in its ConfigMap, fewer Applications per identity`,
    command: kubectl(names, 'edit configmap argocd-cm'),
    code: 'TF400733',
    link: DEVOPS_RATES
  }),
  symptom: 'Reads become slow, then fail for minutes with 429.',
  cause: 'Many Applications poll with one identity.',
  texts: [
    'TF400733',
    'The requested URL returned error: 429',
    'Request was blocked due to exceeding usage of resource'
  ],
  sources: [DEVOPS_RATES, argocdIssue(26008)],
  examples: [
    { names: NAMES, git: git('fatal: unable to access: The requested URL returned error: 429') },
    { names: NAMES, git: git('remote: TF400733: The request has been canceled') }
  ]
}
