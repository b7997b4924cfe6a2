import { input } from '../../../core/input-name.ts'
import type { RepositoryFacts } from '../../evidence.ts'
import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, projectPage } from '../../words.ts'

export const permissionProjectHidden: Rule<'repositories'> = {
  id: 'permission/project-hidden',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  explains: OF_READING,
  matches: ({ repositories }) => repositories.some(isHidden),
  finding: ({ repositories, names }) => {
    const hidden = matched(repositories.find(isHidden))
    return {
      summary: `The identity may read the repository ${hidden.repository}, but not see its project ${hidden.project}: git then finds nothing.`,
      expected: 'View project-level information: allow',
      actual: 'not set',
      remedy: `run with ${input('mode', 'apply')}; by hand: ${projectPage(names, 'permissions')} > Users > ${names.identity ?? 'the identity'} > View project-level information > Allow`,
      link: 'https://github.com/MicrosoftDocs/azure-devops-docs/issues/10514'
    }
  },
  symptom: 'git says TF401019 although the entry on the repository is right.',
  cause:
    'A repository in a project that the caller cannot see is hidden, too; limited visibility of users has the same effect.',
  texts: ['TF401019', 'VS800075'],
  sources: ['https://github.com/MicrosoftDocs/azure-devops-docs/issues/10514'],
  examples: [{ names: NAMES, repositories: [{ ...REPOSITORY, projectVisible: false }] }]
}

/** Where it is denied, the Deny is the cause. */
function isHidden({ projectVisible, denied }: RepositoryFacts): boolean {
  return projectVisible === false && denied === undefined
}
