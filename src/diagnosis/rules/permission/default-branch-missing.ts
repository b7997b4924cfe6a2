import { safe } from '../../../http/errors.ts'
import type { RepositoryFacts } from '../../evidence.ts'
import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_REPOSITORIES, argocdIssue } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, projectPage } from '../../words.ts'

export const permissionDefaultBranchMissing: Rule<'repositories'> = {
  id: 'permission/default-branch-missing',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_READING, 'argocd/revision-missing'],
  matches: ({ repositories }) => repositories.some(lacksBranch),
  finding: ({ repositories, names }) => {
    const { found, repository, url } = matched(repositories.find(lacksBranch))
    const branch = safe(found?.defaultBranch ?? 'none', 200)
    return {
      summary: `The default branch ${branch} of the repository ${repository} does not exist, so HEAD cannot be resolved.`,
      expected: 'an existing branch',
      actual: branch,
      remedy: `choose another one: ${projectPage(names, 'repositories')} > ${repository} > Settings > Default branch; or set targetRevision in the Applications`,
      link: DEVOPS_REPOSITORIES,
      repository: url
    }
  },
  symptom: 'Argo CD shows "unable to resolve \'HEAD\' to a commit SHA", its connection "Failed".',
  cause: 'The branch was renamed or deleted.',
  texts: ["unable to resolve 'HEAD' to a commit SHA", 'revision not found'],
  sources: [argocdIssue(17765), DEVOPS_REPOSITORIES],
  examples: [
    {
      names: NAMES,
      repositories: [
        {
          ...REPOSITORY,
          found: {
            name: 'app',
            disabled: false,
            empty: false,
            defaultBranch: 'refs/heads/master',
            defaultBranchExists: false
          }
        }
      ]
    }
  ]
}

function lacksBranch({ found }: RepositoryFacts): boolean {
  return found?.defaultBranchExists === false && found.empty !== true
}
