import { word } from '../../../core/shell.ts'
import { safe } from '../../../http/errors.ts'
import type { SecretFacts } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { matched, patch } from '../../words.ts'

export const connectionTemplateTooWide: Rule<'connections'> = {
  id: 'connection/template-too-wide',
  needs: ['connections'],
  link: 'connection',
  severity: 'warning',
  certainty: 'proved',
  matches: ({ connections: { secrets } }) => secrets.some(isWide),
  finding: ({ connections: { secrets }, names }) => {
    const found = matched(secrets.find(isWide))
    const narrow = `https://dev.azure.com/${encodeURIComponent(names.organization ?? '<organization>')}/`
    return {
      summary: `The template ${found.name} (${safe(found.url, 200)}) covers more than one organization: Argo CD sends the identity's token to every host and organization that begins with it.`,
      expected: narrow,
      actual: safe(found.url, 200),
      remedy: `narrow it to ${narrow}`,
      command: patch(names, `secret ${word(found.name)}`, { stringData: { url: narrow } }),
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'Nothing fails: the token goes to other hosts, too.',
  cause: 'A template is a prefix of text, without regard to hosts.',
  texts: ['repo-creds', 'url: https://dev.azure.com/'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [{ ...SECRET, kind: 'repo-creds', name: 'wide', url: 'https://' }]
      }
    },
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [{ ...SECRET, kind: 'repo-creds', name: 'wide', url: 'https://dev.azure.com/' }]
      }
    }
  ]
}

function isWide({ kind, url, workloadIdentity }: SecretFacts): boolean {
  return (
    kind === 'repo-creds' &&
    workloadIdentity === 'true' &&
    (url.length < 9 || /^https:\/\/(?:[^/]{0,300}@)?dev\.azure\.com\/?$/i.test(url))
  )
}
