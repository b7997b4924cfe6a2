import { input } from '../../../core/input-name.ts'
import type { RepositoryFacts } from '../../evidence.ts'
import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PERMISSIONS } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, projectPage } from '../../words.ts'

export const permissionNotGranted: Rule<'repositories'> = {
  id: 'permission/not-granted',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  explains: OF_READING,
  matches: ({ repositories }) => repositories.some(isUngranted),
  finding: ({ repositories, names }) => {
    const found = matched(repositories.find(isUngranted))
    return {
      summary: `The identity is no Reader of the project ${found.project} and has no Read on the repository ${found.repository}.`,
      expected: 'allow',
      actual: 'not set',
      remedy: `run with ${input('mode', 'apply')}; by hand: ${projectPage(names, 'permissions')} > Readers > Members > Add > ${names.identity ?? 'the identity'}`,
      link: DEVOPS_PERMISSIONS
    }
  },
  symptom: 'git says TF401019 or TF401027.',
  cause: 'The identity is a member of the organization, but not of the project.',
  texts: ['TF401019', 'TF401027', 'GenericRead'],
  sources: [DEVOPS_PERMISSIONS],
  examples: [{ names: NAMES, repositories: [{ ...REPOSITORY, allowed: false }] }]
}

/** Where it is denied, the Deny is the cause. */
function isUngranted({ allowed, denied, deniedTo, found }: RepositoryFacts): boolean {
  return allowed === false && denied === undefined && deniedTo === undefined && found !== undefined
}
