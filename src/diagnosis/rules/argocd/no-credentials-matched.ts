import { input } from '../../../core/input-name.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES } from '../../sources.ts'
import { kubectl, shown } from '../../words.ts'
import { word } from '../../../core/shell.ts'

export const argocdNoCredentialsMatched: Rule<'complaint'> = {
  id: 'argocd/no-credentials-matched',
  needs: ['complaint'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  matches: ({ complaint: { phase, whole } }) => phase === 'reading' && /no credentials matched/.test(whole),
  finding: ({ complaint: said, names }) => ({
    summary: `Argo CD found no Secret for the URL: ${shown(said, /no credentials matched/)}`,
    remedy: `write the URL in the Application exactly as in ${input('repository-url')}: ${names.repositories?.map(({ url }) => url).join(', ') ?? ''}; Argo CD compares user, host and a trailing slash`,
    command: kubectl(said.application, `edit application ${word(said.application.name)}`),
    link: ARGOCD_REPOSITORIES
  }),
  symptom: 'Argo CD 3.5 and newer says that no credentials matched.',
  cause: 'The URL of the Application is not that of a repository Secret, and no template is a prefix of it.',
  texts: ['no credentials matched this URL', 'failed to authenticate to git repository'],
  sources: ['https://github.com/argoproj/argo-cd/pull/28748'],
  examples: [
    {
      names: NAMES,
      complaint: complaint(
        'reading',
        'failed to authenticate to git repository "https://x": no credentials matched this URL: https://x'
      )
    }
  ]
}
