import { word } from '../../../core/shell.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { matched, patch } from '../../words.ts'

export const connectionNotReadable: Rule<'connections'> = {
  id: 'connection/not-readable',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { secrets } }) => secrets.some(({ unreadable }) => unreadable.length > 0),
  finding: ({ connections: { secrets }, names }) => {
    const found = matched(secrets.find(({ unreadable }) => unreadable.length > 0))
    return {
      summary: `Argo CD cannot parse ${found.unreadable.join(', ')} in the Secret ${found.name}, and rejects the whole Secret.`,
      expected: '"true" or "false"',
      actual: 'another text',
      remedy: `correct ${found.unreadable.join(' and ')}`,
      command: patch(names, `secret ${word(found.name)}`, correction(found.unreadable)),
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'The repository is listed with "Configuration error - please check the server logs".',
  cause: 'Booleans must be what Go parses: "yes" and an empty value are errors.',
  texts: ['Configuration error - please check the server logs', 'strconv.ParseBool'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [{ ...SECRET, workloadIdentity: 'yes', unreadable: ['useAzureWorkloadIdentity'] }]
      }
    }
  ]
}

/** Workload identity is asked for; whatever else cannot be read is not needed for it. */
function correction(keys: readonly string[]): object {
  const others = keys.filter((key) => key !== 'useAzureWorkloadIdentity')
  return {
    ...(others.length > 0 && { data: Object.fromEntries(others.map((key) => [key, null])) }),
    ...(keys.length > others.length && { stringData: { useAzureWorkloadIdentity: 'true' } })
  }
}
