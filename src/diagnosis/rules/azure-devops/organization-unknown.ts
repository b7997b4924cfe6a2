import { input } from '../../../core/input-name.ts'
import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { organizationOf } from '../../words.ts'

export const azureDevopsOrganizationUnknown: Rule<'failure'> = {
  id: 'azure-devops/organization-unknown',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'likely',
  matches: ({ failure: { service, status, request } }) =>
    service === 'Azure DevOps' &&
    status === 404 &&
    /_apis\/(?:resourceAreas|permissions|graph\/serviceprincipals)/.test(request),
  finding: ({ failure, names }) => ({
    summary: `There is no such Azure DevOps organization, ${organizationOf(failure, names) ?? 'as the URL names'}, or it does not let the login in.`,
    remedy: `correct the organization in ${input('repository-url')}; the application that the run logs in as must be a user of it (Organization settings > Users)`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'The first request to Azure DevOps is answered with 404.',
  cause: 'The name is misspelled, the organization was renamed, or the login is no member of it.',
  texts: ['404', 'The resource cannot be found', 'VS800075'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    {
      names: NAMES,
      failure: devops(undefined, 'Not found', { status: 404, request: 'GET /contoso/_apis/resourceAreas' })
    },
    {
      names: { ...NAMES, organization: undefined },
      failure: devops(undefined, 'Not found', { status: 404, request: 'GET /contoso/_apis/permissions/x' })
    }
  ]
}
