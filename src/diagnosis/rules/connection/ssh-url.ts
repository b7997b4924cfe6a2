import { word } from '../../../core/shell.ts'
import { safe } from '../../../http/errors.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PRINCIPALS } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { isSsh, kubectl, matched, patch } from '../../words.ts'

export const connectionSshUrl: Rule<'connections'> = {
  id: 'connection/ssh-url',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { applications, secrets } }) =>
    [...applications, ...secrets].some(({ url }) => isSsh(url)),
  finding: ({ connections: { applications, secrets, urls }, names }) => {
    const application = applications.find(({ url }) => isSsh(url))
    const found = application ?? matched(secrets.find(({ url }) => isSsh(url)))
    return {
      summary: `${application ? `The Application ${application.namespace}/${application.name}` : `The Secret ${found.name}`} uses an SSH URL, for which workload identity is ignored: SSH knows no tokens.`,
      expected: urls[0]?.url ?? 'an https URL',
      actual: safe(found.url, 200),
      remedy: `write the https URL there: ${urls[0]?.url ?? ''}`,
      command: application
        ? kubectl(application, `edit application ${word(found.name)}`)
        : patch(names, `secret ${word(found.name)}`, {
            stringData: { url: urls[0]?.url ?? '<https URL>' }
          }),
      link: DEVOPS_PRINCIPALS
    }
  },
  symptom: 'Argo CD reports an SSH error although the Secret asks for workload identity.',
  cause: 'Service principals cannot own SSH keys, and Argo CD takes the SSH path for such URLs.',
  texts: ['ssh: handshake failed', 'git@ssh.dev.azure.com', 'ssh: no key found'],
  sources: [DEVOPS_PRINCIPALS],
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
            url: 'git@ssh.dev.azure.com:v3/contoso/shop/app',
            watched: true,
            covered: false
          }
        ]
      }
    },
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [{ ...SECRET, url: 'ssh://git@ssh.dev.azure.com/v3/contoso/shop/app' }]
      }
    }
  ]
}
