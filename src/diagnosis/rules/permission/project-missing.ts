import { input } from '../../../core/input-name.ts'
import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PERMISSIONS } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, organizationPage } from '../../words.ts'

export const permissionProjectMissing: Rule<'repositories'> = {
  id: 'permission/project-missing',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'likely',
  explains: OF_READING,
  matches: ({ repositories }) => repositories.some(({ projectExists }) => !projectExists),
  finding: ({ repositories, names }) => {
    const missing = matched(repositories.find(({ projectExists }) => !projectExists))
    return {
      summary: `The project ${missing.project} does not exist in ${names.organization ?? 'the organization'}, or the login cannot see it.`,
      remedy: `correct ${input('repository-url')}: https://dev.azure.com/${encodeURIComponent(names.organization ?? '')} lists the projects; a deleted one can be restored for 28 days (${organizationPage(names, 'projects')})`
    }
  },
  symptom: 'Azure DevOps says TF200016: the project does not exist.',
  cause: 'The project was renamed or deleted, or the URL is misspelled.',
  texts: ['TF200016', 'VS800075', 'The following project does not exist'],
  sources: [DEVOPS_PERMISSIONS],
  examples: [{ names: NAMES, repositories: [{ ...REPOSITORY, projectExists: false, found: undefined }] }]
}
