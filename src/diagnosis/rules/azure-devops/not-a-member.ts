import { input } from '../../../core/input-name.ts'
import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsNotAMember: Rule<'git'> = {
  id: 'azure-devops/not-a-member',
  needs: ['git'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'proved',
  matches: ({ git: { stderr } }) => /TF401444/.test(stderr),
  finding: ({ names }) => ({
    summary: 'Azure DevOps does not see the identity as a member of the organization.',
    remedy: `run with ${input('mode', 'apply')}; a new membership takes some minutes. By hand: ${organizationPage(names, 'users')} > Add users > ${names.identity ?? 'the identity'}, with Basic`,
    code: 'TF401444',
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'git is refused with a text about signing in in a web browser.',
  cause: 'The identity was never added to the organization, or was removed.',
  texts: ['TF401444', 'Sign-in at least once as'],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    {
      names: NAMES,
      git: git(
        'remote: TF401444: Please sign-in at least once as … in a web browser to enable access to the service.'
      )
    }
  ]
}
