import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import type { Connections, SecretFacts } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { matched, patch } from '../../words.ts'

export const connectionFlagMissing: Rule<'connections'> = {
  id: 'connection/flag-missing',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { urls } }) => urls.some(isPlain),
  finding: ({ connections: { urls }, names }) => ({
    summary: `The Secret ${secretOf(urls).name} has no useAzureWorkloadIdentity, so Argo CD reads anonymously.`,
    expected: 'useAzureWorkloadIdentity: "true"',
    actual: secretOf(urls).workloadIdentity ?? 'none',
    remedy: `run with ${input('mode', 'apply')}, or add the key`,
    command: patch(names, `secret ${word(secretOf(urls).name)}`, {
      stringData: { useAzureWorkloadIdentity: 'true' }
    }),
    link: ARGOCD_REPOSITORIES
  }),
  symptom: 'Argo CD reports 302, 401 or "terminal prompts disabled".',
  cause: 'The Secret was made without the key, or the key is "false".',
  texts: ['authentication required', 'status code: 302', 'terminal prompts disabled'],
  sources: [ARGOCD_REPOSITORIES],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        urls: [
          {
            url: SECRET.url,
            login: 'nothing',
            by: { ...SECRET, workloadIdentity: undefined, keys: ['type', 'url'] },
            rivals: []
          }
        ]
      }
    },
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        urls: [
          { url: SECRET.url, login: 'nothing', by: { ...SECRET, workloadIdentity: 'false' }, rivals: [] }
        ]
      }
    }
  ]
}

function isPlain({ login, by }: Connections['urls'][number]): boolean {
  return (
    login === 'nothing' &&
    by?.kind === 'repository' &&
    [undefined, 'false'].includes(by.workloadIdentity) &&
    !by.keys.some(
      (key) =>
        key === 'username' ||
        (key !== 'useAzureWorkloadIdentity' && key.toLowerCase() === 'useazureworkloadidentity')
    )
  )
}

function secretOf(urls: Connections['urls']): SecretFacts {
  return matched(urls.find(isPlain)?.by)
}
