import { word } from '../../../core/shell.ts'
import type { Connections, SecretFacts } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { kubectl, matched } from '../../words.ts'

export const connectionDuplicate: Rule<'connections'> = {
  id: 'connection/duplicate',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_CONNECTION],
  matches: ({ connections: { urls } }) => urls.some(hasRivals),
  finding: ({ connections: { urls }, names }) => {
    const { url, by, rivals } = matched(urls.find(hasRivals))
    const secrets = by ? [by, ...rivals] : rivals
    const all = secrets.map(({ name }) => name)
    const kept = matched(secrets.find(isRight) ?? secrets[0])
    return {
      summary: `${all.length} Secrets are for ${url} (${all.join(', ')}); which one Argo CD uses is not defined.`,
      expected: 'one',
      actual: all.join(', '),
      remedy: `keep ${kept.name}, and delete ${all.length > 2 ? 'the others' : 'the other'} if nobody needs what is in it`,
      command: kubectl(
        names,
        `delete secret ${all
          .filter((name) => name !== kept.name)
          .map((name) => word(name))
          .join(' ')}`
      ),
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'Argo CD works, and after a restart it does not.',
  cause: 'The Secret that is listed first wins, and the order is not defined.',
  texts: ['Found multiple credentials for repoURL'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        urls: [
          { url: SECRET.url, login: 'workload identity', by: SECRET, rivals: [{ ...SECRET, name: 'copy' }] }
        ]
      }
    }
  ]
}

function hasRivals({ rivals }: Connections['urls'][number]): boolean {
  return rivals.length > 0
}

/** Workload identity, and nothing that takes precedence. */
function isRight({ workloadIdentity, credentials }: SecretFacts): boolean {
  return workloadIdentity === 'true' && credentials.length === 0
}
