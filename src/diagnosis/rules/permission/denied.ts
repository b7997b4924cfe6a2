import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PERMISSIONS } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, projectPage } from '../../words.ts'

export const permissionDenied: Rule<'repositories'> = {
  id: 'permission/denied',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  explains: OF_READING,
  matches: ({ repositories }) => repositories.some(({ denied }) => denied !== undefined),
  finding: ({ repositories, names }) => {
    const found = matched(repositories.find(({ denied }) => denied !== undefined))
    const where = found.denied === 'project' ? 'permissions' : 'repositories'
    return {
      summary: `Read on the ${found.denied} ${found.denied === 'project' ? found.project : found.repository} is denied to the identity itself; a Deny takes precedence over every Allow.`,
      expected: 'allow',
      actual: 'deny',
      remedy: `remove the Deny: ${projectPage(names, where)} > ${found.repository} > Security > ${names.identity ?? 'the identity'}`,
      link: DEVOPS_PERMISSIONS,
      repository: found.url
    }
  },
  symptom: 'git says TF401019 or TF401027 although the identity is a Reader.',
  cause: 'Somebody set Deny for the identity on the repository or the project.',
  texts: ['TF401027', 'TF401019', 'GenericRead'],
  sources: [DEVOPS_PERMISSIONS],
  examples: [
    { names: NAMES, repositories: [{ ...REPOSITORY, denied: 'repository' }] },
    { names: NAMES, repositories: [{ ...REPOSITORY, denied: 'project' }] }
  ]
}
