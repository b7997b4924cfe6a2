/** Argo CD's commit server, which pushes what the hydrator renders: a pod of its own, with a service account of its own. */
import { CLIENT_ID, LABEL } from '../../argocd/identity.ts'
import type { Instance } from '../../argocd/instance.ts'
import { readEntry } from '../../argocd/secrets.ts'
import type { Evidence } from '../../diagnosis/evidence.ts'
import { safe } from '../../http/errors.ts'
import type { IdentityPlace } from '../../services/azure/managed-identities.ts'
import { WRITING } from '../../services/kubernetes/secrets.ts'
import type { Services } from '../../services/services.ts'
import { orUnread, type Reader } from './reader.ts'

/** @param issuer of the cluster's tokens */
export async function readCommitServer(
  { namespace, clusterId }: Instance,
  place: IdentityPlace,
  issuer: string | undefined,
  services: Services,
  reader: Reader
): Promise<Pick<Evidence, 'commitServer'>> {
  const api = services.kubernetes(clusterId)
  const listed = await orUnread(reader, `Secrets of ${namespace} for pushing`, () =>
    api.argoSecrets(namespace, WRITING)
  )
  const secrets = (listed ?? []).filter(
    (one) => readEntry('repository', one).workloadIdentity?.toLowerCase() === 'true'
  )
  if (secrets.length === 0) return {}
  const deployments = await orUnread(reader, `Deployments of ${namespace}`, () => api.deployments(namespace))
  const server = deployments?.find(
    ({ metadata }) =>
      metadata?.labels?.['app.kubernetes.io/component'] === 'commit-server' ||
      metadata?.name?.endsWith('commit-server') === true
  )
  if (!server) return {}
  const account = server.spec?.template.spec?.serviceAccountName ?? 'default'
  const [found, credentials] = await Promise.all([
    orUnread(reader, `the service account ${account}`, () => api.serviceAccount(namespace, account)),
    orUnread(reader, 'the federated credentials', () => services.identities.credentials(place))
  ])
  return {
    commitServer: {
      deployment: server.metadata?.name ?? '',
      account,
      secrets: secrets.map(({ metadata }) => safe(metadata?.name ?? '', 253)),
      labelled: server.spec?.template.metadata?.labels?.[LABEL] === 'true',
      clientId: found?.metadata?.annotations?.[CLIENT_ID],
      trusted: credentials?.flatMap((one) => (one.issuer === issuer ? (one.subject ?? []) : []))
    }
  }
}
