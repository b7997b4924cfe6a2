import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_REPOSITORIES } from '../../sources.ts'
import { projectPage } from '../../words.ts'

export const azureDevopsRepositoryDisabled: Rule<'git'> = {
  id: 'azure-devops/repository-disabled',
  needs: ['git'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  matches: ({ git: { stderr } }) => /repository .{0,300} is disabled|TF401040|VS403403/i.test(stderr),
  finding: ({ names }) => ({
    summary: 'The repository is disabled, so nobody can read it.',
    remedy: `enable it: ${projectPage(names, 'repositories')} > the repository > Settings`,
    link: DEVOPS_REPOSITORIES
  }),
  symptom: 'git and the portal say that the repository is disabled, or hide it.',
  cause: 'Somebody disabled the repository in the settings of the project.',
  texts: ['TF401040', 'VS403403', 'The repository is disabled'],
  sources: [DEVOPS_REPOSITORIES],
  examples: [
    { names: NAMES, git: git('remote: VS403403: Cannot find any branches: the repository app is disabled') },
    { names: NAMES, git: git('remote: TF401040: disabled') },
    { names: NAMES, git: git('repository app is disabled') }
  ]
}
