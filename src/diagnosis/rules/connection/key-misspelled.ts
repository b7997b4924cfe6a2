import { word } from '../../../core/shell.ts'
import { safe } from '../../../http/errors.ts'
import type { Names, SecretFacts } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { matched, patch } from '../../words.ts'

const KEYS = ['useAzureWorkloadIdentity', 'url', 'type', 'project']

export const connectionKeyMisspelled: Rule<'connections'> = {
  id: 'connection/key-misspelled',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { secrets } }) => secrets.some((one) => misspelled(one) !== undefined),
  finding: ({ connections: { secrets }, names }) => {
    const found = matched(secrets.find((one) => misspelled(one) !== undefined))
    const [wrong, right] = matched(misspelled(found))
    return {
      summary: `The Secret ${found.name} has the key ${safe(wrong, 80)}; Argo CD reads only ${right} and ignores others silently.`,
      expected: right,
      actual: safe(wrong, 80),
      remedy: `rename the key to ${right}`,
      command: patch(names, `secret ${word(found.name)}`, {
        data: { [wrong]: null },
        stringData: { [right]: valueOf(right, names) }
      }),
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'The Secret looks right, and Argo CD reads anonymously.',
  cause: 'Keys are compared with upper and lower case, and unknown keys are ignored.',
  texts: ['useAzureWorkloadIdentity', 'authentication required', 'status code: 302'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [
          { ...SECRET, workloadIdentity: undefined, keys: ['type', 'url', 'useazureworkloadidentity'] }
        ]
      }
    }
  ]
}

/** What the key has to say in this chain; the value of the misspelled one is not read. */
function valueOf(key: string, { repositories = [] }: Names): string {
  if (key === 'url') return repositories[0]?.url ?? '<url>'
  return key === 'type' ? 'git' : key === 'project' ? '<project>' : 'true'
}

/** The key as it is, and as it must be. */
function misspelled({ keys }: SecretFacts): [string, string] | undefined {
  const plain = (key: string): string => key.toLowerCase().replaceAll(/[^a-z]/g, '')
  for (const right of KEYS) {
    const wrong = keys.find((key) => key !== right && plain(key) === right.toLowerCase())
    if (wrong !== undefined && !keys.includes(right)) return [wrong, right]
  }
  return undefined
}
