/** User-assigned managed identities and their federated credentials, by the SDK that Azure publishes for them. */
import type { ManagedServiceIdentityClient } from '@azure/arm-msi'
import type { TokenCredential } from '@azure/identity'
import type { Endpoints } from './endpoints.ts'
import { orAbsent, recordOf, retryAfterOf, timeLimit, type Wire } from './http.ts'
import { patiently } from './retries.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable } from './wire-problems.ts'

export interface ManagedIdentity {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly principalId: string
  readonly tenantId: string
  /** Made by this tool: it carries the tag. */
  readonly marked: boolean
}

const MARK = { 'managed-by': 'patless' }

export interface FederatedCredential {
  readonly name: string
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
}

export interface IdentityPlace {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly name: string
}

/** Of one request; the SDK sets none. */
interface Limit {
  readonly abortSignal: AbortSignal
}

export class ManagedIdentities {
  readonly #endpoints: Endpoints
  readonly #credential: TokenCredential
  readonly #wire: Wire
  readonly #clients = new Map<string, Promise<ManagedServiceIdentityClient>>()
  constructor(endpoints: Endpoints, credential: TokenCredential, wire: Wire) {
    this.#endpoints = endpoints
    this.#credential = credential
    this.#wire = wire
  }

  /** undefined when it does not exist. */
  async get(place: IdentityPlace): Promise<ManagedIdentity | undefined> {
    const { userAssignedIdentities } = await this.#client(place.subscriptionId)
    const found = await orAbsent(
      this.#sdk((limit) => userAssignedIdentities.get(place.resourceGroup, place.name, limit))
    )
    return found && identityOf(found)
  }

  async put(place: IdentityPlace, location: string): Promise<ManagedIdentity> {
    const { userAssignedIdentities } = await this.#client(place.subscriptionId)
    const body = { location, tags: MARK }
    return identityOf(
      await this.#sdk((limit) =>
        userAssignedIdentities.createOrUpdate(place.resourceGroup, place.name, body, limit)
      )
    )
  }

  /** In order also when it is not there. */
  async remove(place: IdentityPlace): Promise<void> {
    const { userAssignedIdentities } = await this.#client(place.subscriptionId)
    await orAbsent(
      this.#sdk((limit) => userAssignedIdentities.delete(place.resourceGroup, place.name, limit))
    )
  }

  /** Empty also when the identity does not exist. */
  async credentials(place: IdentityPlace): Promise<FederatedCredential[]> {
    const { federatedIdentityCredentials } = await this.#client(place.subscriptionId)
    const found: FederatedCredential[] = []
    const all = async (limit: Limit): Promise<void> => {
      found.length = 0
      for await (const one of federatedIdentityCredentials.list(place.resourceGroup, place.name, limit)) {
        const { name = '', issuer = '', subject = '', audiences = [] } = one
        found.push({ name, issuer, subject, audiences })
      }
    }
    await orAbsent(this.#sdk(all))
    return found
  }

  /** @throws {HttpProblem} 409 while another write to the same identity is under way. */
  async putCredential(place: IdentityPlace, credential: FederatedCredential): Promise<void> {
    const { federatedIdentityCredentials } = await this.#client(place.subscriptionId)
    const { name, issuer, subject, audiences } = credential
    const body = { issuer, subject, audiences: [...audiences] }
    await this.#sdk((limit) =>
      federatedIdentityCredentials.createOrUpdate(place.resourceGroup, place.name, name, body, limit)
    )
  }

  /** In order also when it is not there. @throws {HttpProblem} 409 as for `putCredential`. */
  async removeCredential(place: IdentityPlace, name: string): Promise<void> {
    const { federatedIdentityCredentials } = await this.#client(place.subscriptionId)
    await orAbsent(
      this.#sdk((limit) => federatedIdentityCredentials.delete(place.resourceGroup, place.name, name, limit))
    )
  }

  /** The SDK's own retries are off: `retries.ts` is the one place. */
  #client(subscriptionId: string): Promise<ManagedServiceIdentityClient> {
    const known = this.#clients.get(subscriptionId)
    if (known) return known
    const made = import('@azure/arm-msi').then(
      ({ ManagedServiceIdentityClient }) =>
        new ManagedServiceIdentityClient(this.#credential, subscriptionId, {
          endpoint: this.#endpoints.arm,
          credentialScopes: this.#endpoints.armScope,
          retryOptions: { maxRetries: 0 },
          redirectOptions: { maxRetries: 0 }
        })
    )
    this.#clients.set(subscriptionId, made)
    return made
  }

  #sdk<T>(call: (limit: Limit) => Promise<T>): Promise<T> {
    return patiently(this.#wire.patience, async () => {
      try {
        return await call({ abortSignal: timeLimit(this.#wire) })
      } catch (error) {
        throw fromSdk(error, new URL(this.#endpoints.arm).host)
      }
    })
  }
}

function identityOf(resource: {
  id?: string
  name?: string
  clientId?: string
  principalId?: string
  tenantId?: string
  tags?: Readonly<Record<string, string>>
}): ManagedIdentity {
  const { id, name, clientId, principalId, tenantId, tags } = resource
  if (!id || !name || !clientId || !principalId || !tenantId) {
    throw new UnexpectedReply(
      'ARM',
      'userAssignedIdentities',
      'an identity without clientId, principalId or tenantId'
    )
  }
  return { id, name, clientId, principalId, tenantId, marked: tags?.['managed-by'] === MARK['managed-by'] }
}

/** The SDK's RestError as ours; what never reached the service is `Unreachable`. */
function fromSdk(error: unknown, host: string): unknown {
  const { statusCode, code, details, message, response, name } = recordOf(error)
  if (name === 'AbortError')
    return new Unreachable('ARM', 'a request of arm-msi', host, new Error('no answer in time'))
  if (name !== 'RestError') return error
  const text = typeof message === 'string' ? message : ''
  if (typeof statusCode !== 'number') return new Unreachable('ARM', 'a request of arm-msi', host, error)
  const inner = recordOf(recordOf(details)['error'])
  const headers = recordOf(recordOf(response)['headers'])
  return new HttpProblem({
    plane: 'ARM',
    request: 'userAssignedIdentities',
    status: statusCode,
    code: typeof code === 'string' ? safe(code) : undefined,
    detail: typeof inner['message'] === 'string' ? safe(inner['message']) : safe(text),
    retryAfter: retryAfterOf(retryAfterText(headers))
  })
}

function retryAfterText(headers: Readonly<Record<string, unknown>>): unknown {
  const { get } = headers
  return typeof get === 'function'
    ? (get as (name: string) => unknown).call(headers, 'retry-after')
    : undefined
}
