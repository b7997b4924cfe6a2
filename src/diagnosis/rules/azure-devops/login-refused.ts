import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { organizationOf, organizationPage } from '../../words.ts'

export const azureDevopsLoginRefused: Rule<'failure'> = {
  id: 'azure-devops/login-refused',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure }) =>
    failure.service === 'Azure DevOps' && (failure.status === 401 || failure.status === 203),
  finding: ({ failure, names }) => ({
    summary: `Azure DevOps does not accept the login in ${organizationOf(failure, names) ?? 'the organization'}: ${failure.detail}`,
    remedy: `add the application that the run logs in as to the organization (${organizationPage({ organization: organizationOf(failure, names) }, 'users')}); both must be in the same tenant`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'The first request to Azure DevOps is answered with 401, or with a sign-in page.',
  cause: 'The application is no member of the organization, or is of another tenant.',
  texts: ['TF400813', 'is not authorized to access this resource', 'HTTP 203', '_signin'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    {
      names: NAMES,
      failure: devops('TF400813', "TF400813: The user '' is not authorized to access this resource.", {
        status: 401
      })
    },
    { names: NAMES, failure: devops(undefined, '', { status: 203 }) }
  ]
}
