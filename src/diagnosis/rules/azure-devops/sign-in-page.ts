import { input } from '../../../core/input-name.ts'
import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { argocdIssue } from '../../sources.ts'

export const azureDevopsSignInPage: Rule<'git'> = {
  id: 'azure-devops/sign-in-page',
  needs: ['git'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'likely',
  matches: ({ git: { stderr } }) => /redirect|error: 30\d/i.test(stderr),
  finding: () => ({
    summary:
      'Azure Repos answered with a redirect to a sign-in page; it was not followed, so no token was sent to another host.',
    remedy: `check whether a proxy is on the network path; else the token was not accepted: run with ${input('mode', 'apply')}`
  }),
  symptom: 'git reports a redirect, Argo CD the status code 302.',
  cause:
    'Azure DevOps redirects to its sign-in page when it does not accept a token: it has expired, or is of another tenant.',
  texts: ['status code: 302', 'unable to update url base from redirection', '_signin'],
  sources: [argocdIssue(23100)],
  examples: [
    { names: NAMES, git: git('fatal: unable to update url base from redirection') },
    { names: NAMES, git: git('The requested URL returned error: 302') }
  ]
}
