import type { CommitServer, Names } from '../../evidence.ts'
import { NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_HYDRATOR } from '../../sources.ts'
import { kubectl, known, lines, patch, restart, templateLabel, trustCommand } from '../../words.ts'

const CLIENT_ID = 'azure.workload.identity/client-id'
const LABEL = 'azure.workload.identity/use'

export const workloadCommitServerWithoutIdentity: Rule<'commitServer'> = {
  id: 'workload/commit-server-without-identity',
  needs: ['commitServer'],
  link: 'workload',
  severity: 'warning',
  certainty: 'proved',
  matches: ({ commitServer, names }) =>
    commitServer.secrets.length > 0 && missingIn(commitServer, names).length > 0,
  finding: ({ commitServer, names }) => ({
    summary: `The Secret ${commitServer.secrets.join(', ')} lets the hydrator push with workload identity, but the pods of ${commitServer.deployment} carry none.`,
    expected: 'label, annotation and a federated credential for its service account',
    actual: `no ${missingIn(commitServer, names).join(', no ')}`,
    remedy:
      'give the commit server the identity, too, and the identity Contribute on the repository; reading is not affected',
    command: commandFor(commitServer, names),
    link: ARGOCD_HYDRATOR
  }),
  symptom: 'The hydrator reports "no client ID specified", while reading works.',
  cause: 'The commit server is a pod of its own with a service account of its own.',
  texts: ['no client ID specified', 'commit-server', 'repository-write'],
  sources: [ARGOCD_HYDRATOR],
  examples: [
    {
      names: NAMES,
      commitServer: {
        deployment: 'argocd-commit-server',
        account: 'argocd-commit-server',
        secrets: ['push-app'],
        labelled: false,
        clientId: undefined,
        trusted: ['system:serviceaccount:argocd:argocd-repo-server']
      }
    },
    {
      names: NAMES,
      commitServer: {
        deployment: 'argocd-commit-server',
        account: 'argocd-commit-server',
        secrets: ['push-app'],
        labelled: true,
        clientId: NAMES.clientId,
        trusted: []
      }
    }
  ]
}

function subjectOf({ account }: CommitServer, { namespace = '' }: Names): string {
  return `system:serviceaccount:${namespace}:${account}`
}

function missingIn(server: CommitServer, names: Names): string[] {
  const { labelled, clientId, trusted } = server
  return [
    ...(labelled ? [] : ['label']),
    ...(clientId === undefined ? ['annotation'] : []),
    ...(trusted === undefined || trusted.includes(subjectOf(server, names)) ? [] : ['federated credential'])
  ]
}

function commandFor(server: CommitServer, names: Names): string {
  const { account, deployment } = server
  const missing = missingIn(server, names)
  const { issuer, audience = '' } = names
  const token = issuer === undefined ? undefined : { issuer, subject: subjectOf(server, names), audience }
  const own = { ...names, deployment }
  const annotate = `annotate --overwrite serviceaccount ${known(account, 'account')} ${CLIENT_ID}=${known(names.clientId, 'client id')}`
  return lines(
    ...(missing.includes('federated credential')
      ? [trustCommand('create', deployment, { token, audience }, names)]
      : []),
    ...(missing.includes('annotation') ? [kubectl(names, annotate)] : []),
    // A change of the label makes new pods; the annotation alone does not.
    missing.includes('label')
      ? patch(names, `deploy/${known(deployment, 'deployment')}`, templateLabel(LABEL))
      : restart(own)
  )
}
