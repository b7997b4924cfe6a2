import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { safe } from '../../../http/errors.ts'
import type { SecretFacts, Connections } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_PROJECTS, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { matched, patch } from '../../words.ts'

export const connectionProjectScoped: Rule<'connections'> = {
  id: 'connection/project-scoped',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections }) => scoped(connections) !== undefined,
  finding: ({ connections, names }) => {
    const secret = matched(scoped(connections))
    return {
      summary: `The Secret ${secret.name} connects the repository for the project ${safe(secret.project, 80)} only.`,
      expected: 'no project, or that of the Applications',
      actual: safe(secret.project, 80),
      remedy: `set ${input('argocd-project', secret.project)}, or open it to all projects`,
      command: patch(names, `secret ${word(secret.name)}`, { data: { project: null } }),
      link: ARGOCD_PROJECTS
    }
  },
  symptom: 'Applications of other projects read anonymously.',
  cause: 'A Secret with a project is used only for Applications of that project.',
  texts: ['authentication required', 'no credentials matched this URL'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [{ ...SECRET, project: 'team-a' }],
        urls: [{ url: SECRET.url, login: 'nothing', by: undefined, rivals: [] }]
      }
    }
  ]
}

function scoped({ secrets, urls }: Connections): SecretFacts | undefined {
  const open = urls.filter(({ login }) => login === 'nothing').map(({ url }) => url)
  return secrets.find(
    ({ kind, project, url }) => kind === 'repository' && project !== '' && open.includes(url)
  )
}
