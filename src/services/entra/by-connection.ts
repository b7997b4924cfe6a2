/** The login of a service connection of Azure Pipelines, by its authentication scheme. */
import type { TokenCredential } from '@azure/identity'
import { safe } from '../../http/errors.ts'
import { timeLimit, type Wire } from '../../http/request.ts'
import { GRAPH_SCOPE, type Endpoints } from '../endpoints.ts'
import { byHost } from './by-host.ts'
import { within } from './credential.ts'
import type { Claims } from './claims.ts'
import { managedIdentity } from './managed-identity.ts'
import { renewable } from './msal.ts'
import { secretEnd } from './secret-end.ts'
import type { ServiceConnection, Found, LoginSources } from './sources.ts'
import { storedSecret } from './stored-secret.ts'

export async function byConnection(
  connection: ServiceConnection,
  endpoints: Endpoints,
  sources: LoginSources,
  wire: Wire
): Promise<Found> {
  const subscription =
    connection.subscriptionId === undefined ? {} : { subscriptionId: connection.subscriptionId }
  const origin = sources.second ? 'identity connection' : 'connection'
  if (connection.scheme === 'federated') {
    const { tenantId, clientId, kind } = connection
    const wanted = { origin, tenantId, clientId, kind } as const
    const login = await byHost(wanted, endpoints, sources, wire)
    const description = `service connection ${nameIn(login.caller.claims) ?? connection.id}, as application ${clientId}`
    return { ...login, ...subscription, description }
  }
  if (connection.scheme === 'managed-identity') {
    const description = `service connection ${connection.id}, as the managed identity of the agent`
    return {
      ...subscription,
      credential: await managedIdentity(sources.environment),
      caller: { origin },
      description
    }
  }
  const { tenantId, clientId, secret } = connection
  sources.mask(secret)
  const caller = { origin, clientId, tenantId } as const
  const { ClientSecretCredential } = await import('@azure/identity')
  const credential = renewable(
    endpoints,
    wire,
    (options) => new ClientSecretCredential(tenantId, clientId, secret, options),
    caller
  )
  const ends = await secretEnd(
    connection,
    endpoints.graph,
    (brief) => graphToken(credential, sources, brief),
    wire
  )
  return {
    ...subscription,
    credential,
    caller,
    description: `service connection ${connection.id}, as application ${clientId} with a stored secret`,
    warning: storedSecret(connection, ends)
  }
}

async function graphToken(credential: TokenCredential, { mask }: LoginSources, wire: Wire): Promise<string> {
  const late = (): Error => new Error('no token in time')
  const found = await within(credential.getToken(GRAPH_SCOPE), timeLimit(wire), late)
  if (!found) throw new Error('no token')
  mask(found.token)
  return found.token
}

/**
 * The connection's name, which only a subject of Azure DevOps' own issuer contains: `sc://organization/project/name`.
 */
function nameIn(claims: Claims | undefined): string | undefined {
  const name = /^sc:\/\/[^/]+\/[^/]+\/(.+)$/.exec(claims?.subject ?? '')?.[1]
  return name === undefined ? undefined : safe(name, 100)
}
