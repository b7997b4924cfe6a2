import { word } from '../../../core/shell.ts'
import type { SecretFacts, Connections } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { lines, matched, patch } from '../../words.ts'
import { input } from '../../../core/input-name.ts'

export const connectionStoredCredentials: Rule<'connections'> = {
  id: 'connection/stored-credentials',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { urls, secrets } }) => holders(secrets, urls).length > 0,
  finding: ({ connections: { urls, secrets }, names }) => {
    const found = holders(secrets, urls)
    const { name: secret, credentials: held } = matched(found[0])
    return {
      summary: `The Secret ${secret} still holds ${held.join(' and ')}: Argo CD uses that instead of workload identity, until it expires.`,
      expected: 'no stored credential',
      actual: held.join(', '),
      remedy: `run with ${input('mode', 'migrate')}, which can put it back, or remove ${held.join(' and ')}`,
      command: lines(
        ...found.map(({ name, credentials }) =>
          patch(names, `secret ${word(name)}`, {
            data: Object.fromEntries(credentials.map((key) => [key, null]))
          })
        )
      ),
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'Everything works until a PAT expires; workload identity is never used.',
  cause: 'Argo CD looks at password, token and keys before useAzureWorkloadIdentity.',
  texts: ['authentication required', 'Authentication failed', 'The Personal Access Token used has expired'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [{ ...SECRET, credentials: ['password'], keys: [...SECRET.keys, 'password'] }],
        urls: [
          {
            url: SECRET.url,
            login: 'other credentials',
            by: { ...SECRET, credentials: ['password'] },
            rivals: []
          }
        ]
      }
    }
  ]
}

/** Secrets of the repositories themselves, not templates. */
function holders(secrets: readonly SecretFacts[], urls: Connections['urls']): SecretFacts[] {
  const deciding = new Set(urls.flatMap(({ by }) => by?.name ?? []))
  return secrets.filter(
    ({ kind, credentials, name }) => kind === 'repository' && credentials.length > 0 && deciding.has(name)
  )
}
