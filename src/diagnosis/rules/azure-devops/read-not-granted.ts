import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PERMISSIONS } from '../../sources.ts'
import { projectPage } from '../../words.ts'

export const azureDevopsReadNotGranted: Rule<'git'> = {
  id: 'azure-devops/read-not-granted',
  needs: ['git'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  matches: ({ git: { stderr } }) => /TF401027/.test(stderr),
  finding: ({ names }) => ({
    summary: 'Azure Repos shows the repository to the identity, but Read is missing or denied.',
    remedy: `remove the Deny, or give it Read: ${projectPage(names, 'repositories')} > ${names.repositories?.[0]?.repository ?? 'the repository'} > Security > ${names.identity ?? 'the identity'} and its groups`,
    code: 'TF401027',
    link: DEVOPS_PERMISSIONS
  }),
  symptom: 'git is refused with 403 and the name of a permission.',
  cause:
    'The identity is no Reader of the project and has no entry of its own, or a Deny (its own or of a group) takes precedence.',
  texts: ['TF401027', "You need the Git 'GenericRead' permission to perform this action"],
  sources: [DEVOPS_PERMISSIONS],
  examples: [
    {
      names: NAMES,
      git: git("remote: TF401027: You need the Git 'GenericRead' permission to perform this action.")
    }
  ]
}
