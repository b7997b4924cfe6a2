import { input } from '../../../core/input-name.ts'
import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { projectPage } from '../../words.ts'

export const azureDevopsRepositoryNotShown: Rule<'git'> = {
  id: 'azure-devops/repository-not-shown',
  needs: ['git'],
  link: 'permission',
  severity: 'error',
  certainty: 'likely',
  matches: ({ git: { stderr } }) => /TF401019|not found/i.test(stderr),
  finding: ({ names }) => ({
    summary:
      'Azure Repos does not show the repository to the identity: it does not exist, is disabled, the access level is below Basic, or Read is missing or denied.',
    remedy: `check the URL; look for a Deny on the repository (${projectPage(names, 'repositories')}); else run with ${input('mode', 'apply')}`,
    code: 'TF401019',
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'git says that the repository does not exist, but you see it.',
  cause:
    'Azure Repos gives the same answer for a repository that does not exist and for one that the caller may not see.',
  texts: [
    'TF401019',
    'does not exist or you do not have permissions for the operation you are attempting',
    'repository not found'
  ],
  sources: [DEVOPS_PRINCIPALS],
  examples: [
    {
      names: NAMES,
      git: git(
        'remote: TF401019: The Git repository with name or identifier app does not exist or you do not have permissions for the operation you are attempting.'
      )
    },
    { names: NAMES, git: git("fatal: repository 'https://dev.azure.com/contoso/shop/_git/app/' not found") }
  ]
}
