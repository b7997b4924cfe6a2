import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { known, kubectl } from '../../words.ts'

export const connectionDuplicate: Rule<'connections'> = {
  id: 'connection/duplicate',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_CONNECTION],
  matches: ({ connections: { urls } }) => urls.some(({ rivals }) => rivals.length > 0),
  finding: ({ connections: { urls }, names }) => {
    const found = urls.find(({ rivals }) => rivals.length > 0)
    const all = [found?.by?.name ?? '', ...(found?.rivals.map(({ name }) => name) ?? [])]
    return {
      summary: `${all.length} Secrets are for ${found?.url ?? ''} (${all.join(', ')}); which one Argo CD uses is not defined.`,
      expected: 'one',
      actual: all.join(', '),
      remedy: `delete the others: ${kubectl(names, `delete secret ${known(all[1], 'name')}`)}`,
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
