import { input } from '../../../core/input-name.ts'
import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS, argocdIssue } from '../../sources.ts'
import { organizationPage } from '../../words.ts'

export const azureDevopsTokenRefused: Rule<'git'> = {
  id: 'azure-devops/token-refused',
  needs: ['git'],
  link: 'entitlement',
  severity: 'error',
  certainty: 'likely',
  matches: ({ git: { stderr } }) =>
    /could not read (?:Username|Password)|Authentication failed|error: 401/i.test(stderr),
  finding: ({ names }) => ({
    summary: 'Azure Repos does not accept the token of the identity.',
    expected: 'a member of the organization, in its tenant, with Basic',
    actual: '401',
    remedy: `run with ${input('mode', 'apply')}; if it stays, compare the tenant of the identity (${names.tenantId ?? 'the output tenant-id'}) with that of the organization: ${organizationPage(names, 'organizationAad')}`,
    link: DEVOPS_PRINCIPALS
  }),
  symptom: 'git asks for a user name or a password.',
  cause: 'The identity is no member of the organization (yet), or is of another tenant.',
  texts: [
    'could not read Username',
    'could not read Password',
    'Authentication failed for',
    'terminal prompts disabled'
  ],
  sources: [DEVOPS_PRINCIPALS, argocdIssue(23478)],
  examples: [
    {
      names: NAMES,
      git: git(
        "fatal: could not read Password for 'https://contoso@dev.azure.com': terminal prompts disabled"
      )
    },
    {
      names: NAMES,
      git: git("fatal: could not read Username for 'https://dev.azure.com': terminal prompts disabled")
    },
    { names: NAMES, git: git('fatal: Authentication failed for …') },
    { names: NAMES, git: git('error: 401') }
  ]
}
