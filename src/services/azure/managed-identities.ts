/** User-assigned managed identities and their federated credentials, through Azure's SDK. */
import type { ManagedServiceIdentityClient } from '@azure/arm-msi'
import * as z from 'zod/mini'
import type { TokenCredential } from '@azure/identity'
import { Underway } from '../../core/underway.ts'
import type { Endpoints } from '../endpoints.ts'
import { MOST_PAGES, orAbsent, timeLimit, type Wire } from '../../http/request.ts'
import { understoodEntries } from '../../http/list-entries.ts'
import { retry } from '../../http/retry.ts'
import { GUID, namedId } from './ids.ts'
import { credentialOf, type ListedCredential } from './listed-credential.ts'
import { fromSdk } from './sdk-errors.ts'
import { guardPipeline } from './sdk-pipeline.ts'
import { HttpProblem, UnexpectedReply } from '../../http/errors.ts'

export interface ManagedIdentity {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly principalId: string
  readonly tenantId: string
  /** Its region; undefined where ARM does not say. */
  readonly location: string | undefined
  /** Whether it has the tag of Patless. */
  readonly marked: boolean
  /** All tags, including that of Patless. */
  readonly tags: Readonly<Record<string, string>>
}

const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const MARK = { 'managed-by': 'patless' }

/** Entra allows 20 per identity; a much longer list, or one with many pages, is not a valid answer. */
const MOST_CREDENTIALS = 1_000
const MOST_CREDENTIAL_PAGES = 50

/** Limit for one subscription; a longer list is not a valid answer. */
const MOST_IDENTITIES = 20_000

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

/** The SDK's lists, read page by page, because the number of pages is not visible otherwise. */
interface Paged {
  byPage(): AsyncIterable<readonly unknown[]>
}

/** Time limit of one request; the SDK sets none. */
interface Limit {
  readonly abortSignal: AbortSignal
}

export class ManagedIdentities {
  readonly #endpoints: Endpoints
  readonly #credential: TokenCredential
  readonly #wire: Wire
  readonly #clients = new Map<string, Promise<ManagedServiceIdentityClient>>()
  readonly #lists = new Underway<readonly ListedCredential[]>()
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

  /**
   * The identity with this client id, among those that the login may list in the subscription, or else in the resource
   * group. undefined: not among them, but it may still exist.
   */
  async withClientId(
    { subscriptionId, resourceGroup }: IdentityPlace,
    clientId: string
  ): Promise<IdentityPlace | undefined> {
    const { userAssignedIdentities } = await this.#client(subscriptionId)
    const search = async (list: Paged): Promise<IdentityPlace | undefined> => {
      let [pages, looked] = [0, 0]
      for await (const page of list.byPage()) {
        const asked = { service: 'ARM', method: 'GET', url: `${this.#endpoints.arm}/${IDENTITIES}` } as const
        const found = understoodEntries(identityShape, page, asked, this.#wire.warn)
          .map(identityOf)
          .find((one) => one.clientId.toLowerCase() === clientId.toLowerCase())
        if (found) return placeOf(found)
        ;[pages, looked] = [pages + 1, looked + page.length]
        // A page may be empty although more follow.
        if (pages >= MOST_PAGES || looked > MOST_IDENTITIES)
          throw new UnexpectedReply('ARM', 'userAssignedIdentities', 'the list does not end')
      }
      return undefined
    }
    try {
      return await this.#sdk((limit) => search(userAssignedIdentities.listBySubscription(limit)))
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.status !== 403) throw error
      return this.#sdk((limit) => search(userAssignedIdentities.listByResourceGroup(resourceGroup, limit)))
    }
  }

  /** Identities of the resource group, with their client ids. */
  async list({
    subscriptionId,
    resourceGroup
  }: IdentityPlace): Promise<(IdentityPlace & { clientId: string })[]> {
    const { userAssignedIdentities } = await this.#client(subscriptionId)
    const asked = { service: 'ARM', method: 'GET', url: `${this.#endpoints.arm}/${IDENTITIES}` } as const
    return this.#sdk(async (limit) => {
      const found: (IdentityPlace & { clientId: string })[] = []
      let pages = 0
      for await (const page of userAssignedIdentities.listByResourceGroup(resourceGroup, limit).byPage()) {
        const all = understoodEntries(identityShape, page, asked, this.#wire.warn).map(identityOf)
        for (const one of all) {
          const place = placeOf(one)
          if (place) found.push({ ...place, clientId: one.clientId })
        }
        pages += 1
        if (pages >= MOST_PAGES || found.length > MOST_IDENTITIES) break
      }
      return found
    })
  }

  /** @param tags in addition to that of Patless */
  async put(
    place: IdentityPlace,
    location: string,
    tags: Readonly<Record<string, string>>
  ): Promise<ManagedIdentity> {
    const { userAssignedIdentities } = await this.#client(place.subscriptionId)
    const body = { location, tags: { ...tags, ...MARK } }
    return identityOf(
      await this.#sdk((limit) =>
        userAssignedIdentities.createOrUpdate(place.resourceGroup, place.name, body, limit)
      )
    )
  }

  /** @param tags the complete set, because the service replaces all tags */
  async tag(place: IdentityPlace, tags: Readonly<Record<string, string>>): Promise<void> {
    const { userAssignedIdentities } = await this.#client(place.subscriptionId)
    const body = { tags: { ...tags } }
    await this.#sdk((limit) => userAssignedIdentities.update(place.resourceGroup, place.name, body, limit))
  }

  /** Succeeds when it is already gone. */
  async remove(place: IdentityPlace): Promise<void> {
    const { userAssignedIdentities } = await this.#client(place.subscriptionId)
    await orAbsent(
      this.#sdk((limit) => userAssignedIdentities.delete(place.resourceGroup, place.name, limit))
    )
  }

  /** Also empty when the identity does not exist. Who asks while another does gets the same answer. */
  credentials(place: IdentityPlace): Promise<readonly ListedCredential[]> {
    return this.#lists.join(JSON.stringify(place), () => this.#credentials(place))
  }

  async #credentials(place: IdentityPlace): Promise<ListedCredential[]> {
    const { federatedIdentityCredentials } = await this.#client(place.subscriptionId)
    const found: ListedCredential[] = []
    const all = async (limit: Limit): Promise<void> => {
      found.length = 0
      let pages = 0
      const listed = federatedIdentityCredentials.list(place.resourceGroup, place.name, limit)
      for await (const page of listed.byPage()) {
        found.push(...page.slice(0, MOST_CREDENTIALS).map(credentialOf))
        pages += 1
        if (found.length >= MOST_CREDENTIALS || pages >= MOST_CREDENTIAL_PAGES)
          throw new UnexpectedReply('ARM', 'federatedIdentityCredentials', 'the list does not end')
      }
    }
    await orAbsent(this.#sdk(all))
    return found
  }

  /** @throws {HttpProblem} 409 while another write to the same identity is running. */
  async putCredential(place: IdentityPlace, credential: FederatedCredential): Promise<void> {
    const { federatedIdentityCredentials } = await this.#client(place.subscriptionId)
    const { name, issuer, subject, audiences } = credential
    const body = { issuer, subject, audiences: [...audiences] }
    await this.#sdk((limit) =>
      federatedIdentityCredentials.createOrUpdate(place.resourceGroup, place.name, name, body, limit)
    )
  }

  /** Succeeds when it is already gone. @throws {HttpProblem} 409 as for `putCredential`. */
  async removeCredential(place: IdentityPlace, name: string): Promise<void> {
    const { federatedIdentityCredentials } = await this.#client(place.subscriptionId)
    await orAbsent(
      this.#sdk((limit) => federatedIdentityCredentials.delete(place.resourceGroup, place.name, name, limit))
    )
  }

  #client(subscriptionId: string): Promise<ManagedServiceIdentityClient> {
    const known = this.#clients.get(subscriptionId)
    if (known) return known
    const made = import('@azure/arm-msi').then(
      ({ ManagedServiceIdentityClient }) =>
        new ManagedServiceIdentityClient(this.#credential, subscriptionId, {
          endpoint: this.#endpoints.arm,
          credentialScopes: this.#endpoints.armScope,
          ...guardPipeline('ARM', this.#endpoints.arm, this.#wire)
        })
    )
    this.#clients.set(subscriptionId, made)
    return made
  }

  #sdk<T>(call: (limit: Limit) => Promise<T>): Promise<T> {
    return retry(this.#wire.policy, async () => {
      try {
        return await call({ abortSignal: timeLimit(this.#wire) })
      } catch (error) {
        throw fromSdk(error, new URL(this.#endpoints.arm).host)
      }
    })
  }
}

const text = z.string().check(z.minLength(1))
const guid = z.string().check(z.regex(GUID))
const identityShape = z.looseObject({
  id: namedId(IDENTITIES),
  name: text,
  clientId: guid,
  principalId: guid,
  tenantId: guid,
  location: z.catch(z.optional(z.string()), undefined),
  tags: z.nullish(z.record(z.string(), z.unknown()))
})
/** Checked, because the SDK does not check answers against its types. */
function identityOf(resource: unknown): ManagedIdentity {
  const parsed = identityShape.safeParse(resource)
  if (!parsed.success) {
    throw new UnexpectedReply(
      'ARM',
      'userAssignedIdentities',
      'an identity without clientId, principalId or tenantId'
    )
  }
  const { id, name, clientId, principalId, tenantId, location, tags: given } = parsed.data
  const text = Object.entries(given ?? {}).filter(
    (tag): tag is [string, string] => typeof tag[1] === 'string'
  )
  const tags = Object.fromEntries(text)
  return {
    id,
    name,
    clientId,
    principalId,
    tenantId,
    location,
    tags,
    marked: tags['managed-by'] === MARK['managed-by']
  }
}

/** @returns undefined unless the id is that of an identity */
function placeOf({ id, name }: ManagedIdentity): IdentityPlace | undefined {
  const [, subscriptionId, resourceGroup] =
    /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\//i.exec(id) ?? []
  return subscriptionId === undefined || resourceGroup === undefined
    ? undefined
    : { subscriptionId, resourceGroup, name }
}
