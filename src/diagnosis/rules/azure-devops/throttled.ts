import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_RATES } from '../../sources.ts'

export const azureDevopsThrottled: Rule<'failure'> = {
  id: 'azure-devops/throttled',
  needs: ['failure'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) =>
    failure.service === 'Azure DevOps' && (failure.status === 429 || /TF400733/.test(failure.whole)),
  finding: ({ failure: { detail } }) => ({
    summary: `Azure DevOps limits the rate of requests of the login: ${detail}`,
    remedy: 'run again later; let fewer jobs run at once as the same application',
    code: 'TF400733',
    link: DEVOPS_RATES
  }),
  symptom: 'Requests are slow, then answered with 429.',
  cause: 'Limits count per identity: 200 units in five minutes, over all that it does.',
  texts: ['TF400733', 'Request was blocked due to exceeding usage of resource', 'X-RateLimit-Delay'],
  sources: [DEVOPS_RATES],
  examples: [
    {
      names: NAMES,
      failure: devops(
        'TF400733',
        'TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource.',
        { status: 429 }
      )
    },
    { names: NAMES, failure: devops(undefined, 'TF400733: The request has been canceled', { status: 400 }) }
  ]
}
