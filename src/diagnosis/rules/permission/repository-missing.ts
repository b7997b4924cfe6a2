import { input } from '../../../core/input-name.ts'
import { safe } from '../../../http/errors.ts'
import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_REPOSITORIES } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched } from '../../words.ts'

export const permissionRepositoryMissing: Rule<'repositories'> = {
  id: 'permission/repository-missing',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'likely',
  explains: OF_READING,
  matches: ({ repositories }) =>
    repositories.some(({ projectExists, found }) => projectExists && found === undefined),
  finding: ({ repositories }) => {
    const missing = matched(
      repositories.find(({ projectExists, found }) => projectExists && found === undefined)
    )
    const others = missing.others ?? []
    return {
      summary: `The repository ${missing.repository} does not exist in the project ${missing.project}, or the login cannot see it.`,
      expected: missing.repository,
      actual: others.length === 0 ? 'none of this name' : safe(others.join(', '), 300),
      remedy: `correct ${input('repository-url')}; it may have been renamed or deleted (Repos > Manage repositories)`,
      repository: missing.url
    }
  },
  symptom: 'git says TF401019: the repository does not exist or you do not have permissions.',
  cause: 'The repository was renamed, moved or deleted, or the URL is misspelled.',
  texts: ['TF401019', 'repository not found'],
  sources: [DEVOPS_REPOSITORIES],
  examples: [
    {
      names: NAMES,
      repositories: [REPOSITORY, { ...REPOSITORY, found: undefined, others: ['app-renamed', 'web'] }]
    },
    { names: NAMES, repositories: [{ ...REPOSITORY, found: undefined }] }
  ]
}
