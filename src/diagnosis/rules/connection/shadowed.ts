import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { safe } from '../../../http/errors.ts'
import type { Connections } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_ARGOCD } from '../../symptoms.ts'
import { kubectl, matched } from '../../words.ts'

const SHADOWED = {
  url: SECRET.url,
  login: 'other credentials' as const,
  by: {
    ...SECRET,
    kind: 'repo-creds' as const,
    name: 'template-pat',
    url: 'https://dev.azure.com/contoso',
    credentials: ['password']
  },
  rivals: []
}

export const connectionShadowed: Rule<'connections'> = {
  id: 'connection/shadowed',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_ARGOCD, 'connection/drifted'],
  matches: ({ connections: { urls } }) => urls.some(isShadowed),
  finding: ({ connections: { urls }, names }) => {
    const shadowed = urls.filter(isShadowed)
    const stays = shadowed.find((one) => one.applied !== 'workload identity')
    const { by, applied } = matched(stays ?? shadowed[0])
    const template = matched(by)
    // Other repositories may need the template; the Secret that apply writes wins over it.
    const way =
      applied === 'workload identity'
        ? { remedy: `run with ${input('mode', 'apply')}: what it writes wins over the template` }
        : {
            remedy:
              'remove it, or make its URL longer than that of the repository; a template without a slash at the end also covers names that begin the same',
            command: kubectl(names, `edit secret ${word(template.name)}`)
          }
    return {
      summary: `The template ${template.name} (${safe(template.url, 200)}) gives Argo CD other credentials for the repository.`,
      expected: 'workload identity',
      actual: template.credentials.join(', '),
      ...way,
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'Argo CD reads with a PAT although a template or Secret with workload identity exists.',
  cause: 'The longest template whose URL is a prefix wins, whatever it holds.',
  texts: ['authentication required', 'TF400813'],
  sources: [ARGOCD_SOURCE],
  examples: [{}, { applied: 'workload identity' as const }].map((more) => ({
    names: NAMES,
    connections: { ...CONNECTIONS, urls: [{ ...SHADOWED, ...more }] }
  }))
}

function isShadowed({ login, by }: Connections['urls'][number]): boolean {
  return login === 'other credentials' && by?.kind === 'repo-creds'
}
