import { input } from '../../../core/input-name.ts'
import { safe } from '../../../http/errors.ts'
import type { Connections, SecretFacts } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { isSsh, matched } from '../../words.ts'

export const connectionMissing: Rule<'connections'> = {
  id: 'connection/missing',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { urls, ignored, secrets } }) =>
    ignored.length === 0 &&
    // One with an SSH URL is there, and is what has to be corrected.
    !secrets.some(({ url }) => isSsh(url)) &&
    unconnected(urls, secrets) !== undefined,
  finding: ({ connections: { urls, namespace, secrets } }) => {
    const found = matched(unconnected(urls, secrets))
    return {
      summary: `Argo CD has no Secret and no template for ${found.url}.`,
      expected: `a repository Secret in ${namespace}`,
      actual:
        secrets.length === 0
          ? 'none'
          : safe(secrets.map(({ name, url }) => `${name}: ${url}`).join(', '), 300),
      remedy: `run with ${input('mode', 'apply')}`,
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'Argo CD reads anonymously and reports 302, 401 or "terminal prompts disabled".',
  cause: 'The Secret was deleted, or its url differs from that of the Applications.',
  texts: ['no credentials matched this URL', 'authentication required', 'status code: 302'],
  sources: [ARGOCD_REPOSITORIES],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [],
        urls: [{ url: SECRET.url, login: 'nothing', by: undefined, rivals: [] }]
      }
    },
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [{ ...SECRET, url: 'https://x' }],
        urls: [{ url: SECRET.url, login: 'nothing', by: undefined, rivals: [] }]
      }
    }
  ]
}

/** One that a project has for itself is there, and is another rule. */
function unconnected(
  urls: Connections['urls'],
  secrets: readonly SecretFacts[]
): Connections['urls'][number] | undefined {
  return urls.find(
    ({ login, by, url }) =>
      login === 'nothing' && by === undefined && !secrets.some((one) => one.project !== '' && one.url === url)
  )
}
