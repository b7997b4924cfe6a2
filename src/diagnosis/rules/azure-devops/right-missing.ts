import { devops, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'

export const azureDevopsRightMissing: Rule<'failure'> = {
  id: 'azure-devops/right-missing',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) =>
    failure.service === 'Azure DevOps' &&
    (failure.status === 403 || /Access Denied|TF401027/i.test(failure.whole)),
  finding: ({ failure: { detail } }) => ({
    summary: `The login is missing a permission in Azure DevOps: ${detail}`,
    remedy:
      'make the application that the run logs in as a member of Project Collection Administrators (docs/permissions/azure-devops.md)',
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'A request to Azure DevOps is refused with 403.',
  cause: 'Adding members with a license and changing permissions is for administrators.',
  texts: [
    'Access Denied',
    'TF50309',
    'TF401027',
    'needs the following permission(s) on the resource Users to perform this action: Add Users'
  ],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    { names: NAMES, failure: devops(undefined, 'forbidden') },
    {
      names: NAMES,
      failure: devops(
        undefined,
        'Access Denied: needs the following permission(s) on the resource Users to perform this action: Add Users',
        { status: 200 }
      )
    },
    {
      names: NAMES,
      failure: devops(
        'TF401027',
        "TF401027: You need the Git 'GenericRead' permission to perform this action.",
        { status: 400 }
      )
    }
  ]
}
