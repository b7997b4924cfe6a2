import { safe } from '../../../http/errors.ts'
import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PERMISSIONS } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { projectPage } from '../../words.ts'

export const permissionDeniedByGroup: Rule<'repositories'> = {
  id: 'permission/denied-by-group',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  explains: OF_READING,
  matches: ({ repositories }) =>
    repositories.some(({ denied, deniedTo }) => denied === undefined && deniedTo !== undefined),
  finding: ({ repositories, names }) => {
    const found = repositories.find(({ denied, deniedTo }) => denied === undefined && deniedTo !== undefined)
    return {
      summary: `Read on the repository ${found?.repository ?? ''} is denied to ${safe(found?.deniedTo ?? '', 200)}, which the identity is in; a Deny takes precedence over every Allow.`,
      expected: 'allow',
      actual: `deny, by ${safe(found?.deniedTo ?? '', 200)}`,
      remedy: `remove the Deny of that group (${projectPage(names, 'repositories')} > ${found?.repository ?? ''} > Security), or take ${names.identity ?? 'the identity'} out of the group`,
      link: DEVOPS_PERMISSIONS,
      ...(found === undefined ? {} : { repository: found.url })
    }
  },
  symptom: 'git says TF401019 or TF401027, and the entries of the identity itself are right.',
  cause: 'A group (for example the Readers of the project) has Deny on the repository.',
  texts: ['TF401027', 'TF401019', 'GenericRead'],
  sources: [DEVOPS_PERMISSIONS],
  examples: [{ names: NAMES, repositories: [{ ...REPOSITORY, deniedTo: '[shop]\\Readers' }] }]
}
