import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_REPOSITORIES } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, projectPage } from '../../words.ts'

export const permissionRepositoryDisabled: Rule<'repositories'> = {
  id: 'permission/repository-disabled',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  explains: OF_READING,
  matches: ({ repositories }) => repositories.some(({ found }) => found?.disabled === true),
  finding: ({ repositories, names }) => {
    const disabled = matched(repositories.find(({ found }) => found?.disabled === true))
    return {
      summary: `The repository ${disabled.repository} is disabled, so nobody can read it.`,
      expected: 'enabled',
      actual: 'isDisabled: true',
      remedy: `enable it: ${projectPage(names, 'repositories')} > ${disabled.repository} > Settings > Disable Repository`,
      link: DEVOPS_REPOSITORIES,
      repository: disabled.url
    }
  },
  symptom: 'git says TF401019 or not found, and permissions are right.',
  cause: 'Somebody disabled the repository in the settings of the project.',
  texts: ['TF401019', 'is disabled'],
  sources: [DEVOPS_REPOSITORIES],
  examples: [
    {
      names: NAMES,
      repositories: [
        {
          ...REPOSITORY,
          found: {
            name: 'app',
            disabled: true,
            empty: undefined,
            defaultBranch: undefined,
            defaultBranchExists: undefined
          }
        }
      ]
    }
  ]
}
