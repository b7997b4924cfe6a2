import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { safe } from '../../../http/errors.ts'
import { CONNECTIONS, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { kubectl, matched } from '../../words.ts'

export const connectionUrlSpelledOtherwise: Rule<'connections'> = {
  id: 'connection/url-spelled-otherwise',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { applications } }) =>
    applications.some(({ covered, url }) => covered === false && !isSsh(url)),
  finding: ({ connections: { applications, urls } }) => {
    const found = matched(applications.find(({ covered, url }) => covered === false && !isSsh(url)))
    return {
      summary: `The Application ${found.namespace}/${found.name} names the repository as ${safe(found.url, 200)}; no Secret matches that spelling.`,
      expected: urls[0]?.url ?? '',
      actual: safe(found.url, 200),
      remedy: `write ${urls[0]?.url ?? ''} there, or add its spelling to ${input('repository-url')}`,
      command: kubectl({ namespace: found.namespace }, `edit application ${word(found.name)}`),
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'One Application is Unknown, others on the same repository are Synced.',
  cause: 'Argo CD compares URLs as text: a user, a trailing slash and another host make them different.',
  texts: ['no credentials matched this URL', 'terminal prompts disabled', 'status code: 302'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        applications: [
          {
            namespace: 'argocd',
            name: 'app',
            project: 'default',
            url: 'https://contoso@dev.azure.com/contoso/shop/_git/app',
            watched: true,
            covered: false
          }
        ]
      }
    }
  ]
}

function isSsh(url: string): boolean {
  return !/^https?:/i.test(url)
}
