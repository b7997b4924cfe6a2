import { word } from '../../../core/shell.ts'
import type { Connections } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { matched, patch } from '../../words.ts'

export const connectionUsernameBlocksTemplate: Rule<'connections'> = {
  id: 'connection/username-blocks-template',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { urls } }) => urls.some(isBlocked),
  finding: ({ connections: { urls }, names }) => ({
    summary: `The Secret ${secretOf(urls)} has a username, which keeps Argo CD from using a template, and nothing to log in with.`,
    expected: 'no username, or useAzureWorkloadIdentity: "true"',
    actual: 'username only',
    remedy: 'remove the username, and ask for workload identity',
    command: patch(names, `secret ${word(secretOf(urls))}`, {
      data: { username: null },
      stringData: { useAzureWorkloadIdentity: 'true' }
    }),
    link: ARGOCD_REPOSITORIES
  }),
  symptom: 'A template with workload identity exists, and Argo CD reads anonymously.',
  cause: 'Any of the credential keys, even a user name alone, turns the template off for that repository.',
  texts: ['authentication required', 'status code: 302'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        urls: [
          {
            url: SECRET.url,
            login: 'nothing',
            by: { ...SECRET, workloadIdentity: undefined, keys: ['type', 'url', 'username'] },
            rivals: []
          }
        ]
      }
    }
  ]
}

function isBlocked({ login, by }: Connections['urls'][number]): boolean {
  return login === 'nothing' && by?.keys.includes('username') === true && by.workloadIdentity === undefined
}

function secretOf(urls: Connections['urls']): string {
  return matched(urls.find(isBlocked)?.by).name
}
