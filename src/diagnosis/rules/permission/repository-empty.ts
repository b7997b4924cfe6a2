import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { argocdIssue } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched } from '../../words.ts'

export const permissionRepositoryEmpty: Rule<'repositories'> = {
  id: 'permission/repository-empty',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_READING, 'argocd/revision-missing'],
  matches: ({ repositories }) => repositories.some(({ found }) => found?.empty === true),
  finding: ({ repositories }) => {
    const empty = matched(repositories.find(({ found }) => found?.empty === true))
    return {
      summary: `The repository ${empty.repository} has no commit, so there is nothing to read; the access itself may be right.`,
      expected: 'at least one commit',
      actual: 'none',
      remedy: 'push a first commit, then run again',
      link: argocdIssue(17765),
      repository: empty.url
    }
  },
  symptom: 'Argo CD shows "remote repository is empty", its connection "Failed".',
  cause: 'Nobody has pushed yet.',
  texts: ['remote repository is empty', "unable to resolve 'HEAD' to a commit SHA"],
  sources: [argocdIssue(17765)],
  examples: [
    {
      names: NAMES,
      repositories: [
        {
          ...REPOSITORY,
          found: {
            name: 'app',
            disabled: false,
            empty: true,
            defaultBranch: undefined,
            defaultBranchExists: undefined
          }
        }
      ]
    }
  ]
}
