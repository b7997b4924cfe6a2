/** The login of a service connection of Azure Pipelines, by its authentication scheme. */
import { warning } from '../../core/finding.ts'
import { safe } from '../../http/errors.ts'
import { jsonOf, recordOf, type Wire } from '../../http/request.ts'
import type { Endpoints } from '../endpoints.ts'
import { byHost } from './by-host.ts'
import { managedIdentity } from './managed-identity.ts'
import { renewable } from './msal.ts'
import type { ServiceConnection, Found, LoginSources } from './sources.ts'

export async function byConnection(
  connection: ServiceConnection,
  endpoints: Endpoints,
  sources: LoginSources,
  wire: Wire
): Promise<Found> {
  const subscription =
    connection.subscriptionId === undefined ? {} : { subscriptionId: connection.subscriptionId }
  if (connection.scheme === 'federated') {
    const { tenantId, clientId } = connection
    const { assertion, ...login } = await byHost(tenantId, clientId, endpoints, sources, wire, 'connection')
    const description = `service connection ${nameIn(assertion) ?? connection.id}, as application ${clientId}`
    return { ...login, ...subscription, description }
  }
  if (connection.scheme === 'managed-identity') {
    const description = `service connection ${connection.id}, as the managed identity of the agent`
    return {
      ...subscription,
      credential: await managedIdentity(sources.environment),
      origin: 'connection',
      description
    }
  }
  const { tenantId, clientId, secret } = connection
  sources.mask(secret)
  const { ClientSecretCredential } = await import('@azure/identity')
  return {
    ...subscription,
    credential: renewable(
      endpoints,
      wire,
      (options) => new ClientSecretCredential(tenantId, clientId, secret, options),
      'connection'
    ),
    origin: 'connection',
    description: `service connection ${connection.id}, as application ${clientId} with a stored secret`,
    warning: warning({
      id: 'login/stored-secret',
      summary: `The service connection ${connection.id} stores a secret.`,
      remedy: 'convert it to workload identity federation: Project settings > Service connections > Convert'
    })
  }
}

/**
 * The connection's name, which only a subject of Azure DevOps' own issuer contains: `sc://organization/project/name`.
 */
function nameIn(assertion: string): string | undefined {
  const payload = Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8')
  const { sub } = recordOf(jsonOf(payload))
  const name = typeof sub === 'string' ? /^sc:\/\/[^/]+\/[^/]+\/(.+)$/.exec(sub)?.[1] : undefined
  return name === undefined ? undefined : safe(name, 100)
}
