import { word } from '../../../core/shell.ts'
import type { SecretFacts } from '../../evidence.ts'
import { CONNECTIONS, NAMES, SECRET } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { argocdIssue } from '../../sources.ts'
import { OF_CONNECTION } from '../../symptoms.ts'
import { kubectl, matched } from '../../words.ts'

export const connectionServicePrincipalKeyCase: Rule<'connections'> = {
  id: 'connection/service-principal-key-case',
  needs: ['connections'],
  link: 'connection',
  severity: 'error',
  certainty: 'proved',
  explains: OF_CONNECTION,
  matches: ({ connections: { secrets } }) => secrets.some((one) => miscased(one) !== undefined),
  finding: ({ connections: { secrets }, names }) => {
    const found = matched(secrets.find((one) => miscased(one) !== undefined))
    const key = matched(miscased(found))
    return {
      summary: `The ${found.kind === 'repo-creds' ? 'template' : 'Secret'} ${found.name} has the key ${key}, which Argo CD 3.5 does not read there: it ends with ${found.kind === 'repo-creds' ? 'ID' : 'Id'} in this kind of Secret.`,
      expected:
        found.kind === 'repo-creds'
          ? 'azureServicePrincipalClientID, azureServicePrincipalTenantID'
          : 'azureServicePrincipalClientId, azureServicePrincipalTenantId',
      actual: key,
      remedy: 'rename the keys, or use workload identity, which needs none of them',
      command: kubectl(names, `edit secret ${word(found.name)}`),
      link: argocdIssue(29414)
    }
  },
  symptom: 'A service principal works in a repository Secret and not in a template, or the other way around.',
  cause: 'Argo CD 3.5.0 and 3.5.1 read ...ID in templates and ...Id in repository Secrets.',
  texts: ['azureServicePrincipalClientID', 'azureServicePrincipalClientId'],
  sources: [argocdIssue(29414)],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [
          {
            ...SECRET,
            kind: 'repo-creds',
            workloadIdentity: undefined,
            keys: ['url', 'azureServicePrincipalClientId']
          }
        ]
      }
    },
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        secrets: [{ ...SECRET, keys: ['url', 'azureServicePrincipalTenantID'] }]
      }
    }
  ]
}

function miscased({ kind, keys, workloadIdentity }: SecretFacts): string | undefined {
  if (workloadIdentity === 'true' && kind === 'repo-creds') return undefined
  const wrong =
    kind === 'repo-creds'
      ? /^azureServicePrincipal(?:Client|Tenant)Id$/
      : /^azureServicePrincipal(?:Client|Tenant)ID$/
  const right =
    kind === 'repo-creds'
      ? /^azureServicePrincipal(?:Client|Tenant)ID$/
      : /^azureServicePrincipal(?:Client|Tenant)Id$/
  return keys.some((key) => right.test(key)) ? undefined : keys.find((key) => wrong.test(key))
}
