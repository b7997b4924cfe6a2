/** Microsoft.ManagedIdentity: identities and their federated credentials, with the documented limits and errors. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Call, Route } from '../wire.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { disallowed } from './rights.ts'
import type { AzureState, FederatedCredential, Identity } from './state.ts'

const TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const ALL = `/subscriptions/:subscription/:groups(resource[gG]roups)/:group/providers/${TYPE}`
const CREDENTIALS = `${TYPE}/federatedIdentityCredentials`
const LIMIT = 20
/** Duration of a write, in ms, so that overlapping writes meet. */
const WRITE = 15

export function identityRoutes(context: ArmContext): Route[] {
  const { guarded, guardedList, state } = context
  const found = ({ params }: Call): Identity | undefined =>
    state().identities.find(
      ({ name, resourceGroup, subscriptionId }) =>
        subscriptionId === params['subscription'] &&
        name.toLowerCase() === params['name']?.toLowerCase() &&
        resourceGroup.toLowerCase() === params['group']?.toLowerCase()
    )
  const withIdentity =
    (handler: (identity: Identity, call: Call) => Answer | Promise<Answer>) =>
    (call: Call): Answer | Promise<Answer> => {
      const identity = found(call)
      return identity ? handler(identity, call) : missing(call)
    }
  const inPlace = ({ params: { subscription, group } }: Call) =>
    state()
      .identities.filter(({ subscriptionId }) => subscriptionId === subscription)
      .filter(
        ({ resourceGroup }) => group === undefined || resourceGroup.toLowerCase() === group.toLowerCase()
      )
      .map((identity) => resourceOf(identity, state()))
  const list = (call: Call): Answer => ({ status: 200, body: { value: inPlace(call) } })
  const remove = (call: Call): Answer => {
    const identity = found(call)
    if (!identity) return { status: 204 }
    state().identities.splice(state().identities.indexOf(identity), 1)
    return { status: 200 }
  }
  const one = `${ALL}/:name`
  const credential = `${one}/federatedIdentityCredentials`
  return [
    ['GET', `/subscriptions/:subscription/providers/${TYPE}`, guardedList(`${TYPE}/read`, inPlace)],
    ['GET', ALL, guarded(`${TYPE}/read`, list)],
    [
      'GET',
      one,
      guarded(
        `${TYPE}/read`,
        withIdentity((identity) => ({ status: 200, body: resourceOf(identity, state()) }))
      )
    ],
    ['PUT', one, guarded(`${TYPE}/write`, (call) => put(call, found(call), context))],
    ['PATCH', one, guarded(`${TYPE}/write`, (call) => put(call, found(call), context))],
    ['DELETE', one, guarded(`${TYPE}/delete`, remove)],
    [
      'GET',
      credential,
      guarded(
        `${CREDENTIALS}/read`,
        withIdentity((identity, call) => listed(identity, call, context))
      )
    ],
    [
      'GET',
      `${credential}/:credential`,
      guarded(
        `${CREDENTIALS}/read`,
        withIdentity((identity, call) => {
          const own = identity.credentials.get(call.params['credential'] ?? '')
          return own ? { status: 200, body: credentialOf(identity, own) } : missing(call)
        })
      )
    ],
    ['PUT', `${credential}/:credential`, guarded(`${CREDENTIALS}/write`, withIdentity(putCredential))],
    [
      'DELETE',
      `${credential}/:credential`,
      guarded(
        `${CREDENTIALS}/delete`,
        withIdentity((identity, call) =>
          writing(identity, () => ({
            status: identity.credentials.delete(call.params['credential'] ?? '') ? 200 : 204
          }))
        )
      )
    ]
  ]
}

async function put(call: Call, existing: Identity | undefined, { state }: ArmContext): Promise<Answer> {
  const name = call.params['name'] ?? ''
  const { location, tags = {} } = ((await call.json()) ?? {}) as {
    location?: string
    tags?: Record<string, string>
  }
  if (!/^[a-z0-9][\w-]{2,127}$/i.test(name))
    return armError(400, 'InvalidResourceName', `Resource name ${name} is invalid.`)
  const untagged = state().requiredTags.find(
    (tag) => !Object.keys(tags).some((one) => one.toLowerCase() === tag.toLowerCase())
  )
  if (untagged !== undefined) return disallowed(name, untagged)
  if (existing) {
    // Changed in place, because a running write to its credentials marks the object.
    existing.tags = tags
    return { status: 200, body: resourceOf(existing, state()) }
  }
  if (location === undefined)
    return armError(400, 'LocationRequired', 'The location property is required for this definition.')
  const made: Identity = {
    name,
    subscriptionId: call.params['subscription'] ?? '',
    resourceGroup: call.params['group'] ?? '',
    location,
    tags,
    clientId: randomUUID(),
    principalId: randomUUID(),
    createdAt: Date.now(),
    credentials: new Map(),
    writing: false
  }
  state().identities.push(made)
  return { status: 201, body: resourceOf(made, state()) }
}

async function putCredential(identity: Identity, call: Call): Promise<Answer> {
  const name = call.params['credential'] ?? ''
  const { properties } = ((await call.json()) ?? {}) as {
    properties?: { issuer?: string; subject?: string; audiences?: string[] }
  }
  return writing(identity, () => {
    const { issuer = '', subject = '', audiences = [] } = properties ?? {}
    if (!properties || issuer === '' || subject === '')
      return bad('Federated Identity Credential from HTTP body has empty properties')
    if (!/^[a-zA-Z0-9][a-zA-Z0-9-_]{2,119}$/.test(name))
      return bad(`Federated Identity Credential name '${name}' is invalid.`)
    const [audience] = audiences
    if (audiences.length !== 1 || audience === undefined)
      return bad('Federated identity credentials must have exactly one audience.')
    const others = [...identity.credentials.values()].filter((one) => one.name !== name)
    if (others.some((one) => one.issuer === issuer && one.subject === subject)) {
      return bad('Issuer and subject combination already exists for this Managed Identity.')
    }
    const existed = identity.credentials.has(name)
    if (!existed && identity.credentials.size >= LIMIT) {
      return bad(
        `Too many Federated Identity Credentials: the limit of ${LIMIT} for one managed identity is reached.`
      )
    }
    const made = { name, issuer, subject, audience, writtenAt: Date.now() }
    identity.credentials.set(name, made)
    return { status: existed ? 200 : 201, body: credentialOf(identity, made) }
  })
}

/** Two writes to the credentials of one identity must not overlap; deletes count as writes. */
async function writing(identity: Identity, write: () => Answer): Promise<Answer> {
  if (identity.writing) {
    const text = `Too many Federated Identity Credentials are written concurrently for the managed identity '${idOf(identity)}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.`
    return armError(409, 'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity', text)
  }
  identity.writing = true
  try {
    await sleep(WRITE)
    return write()
  } finally {
    identity.writing = false
  }
}

function listed(identity: Identity, { url }: Call, { base }: ArmContext): Answer {
  const all = [...identity.credentials.values()].map((one) => credentialOf(identity, one))
  const skip = Number(url.searchParams.get('$skiptoken') ?? 0)
  const size = Number(url.searchParams.get('$top') ?? 10)
  const next = new URL(url.pathname + url.search, base())
  next.searchParams.set('$skiptoken', String(skip + size))
  const more = skip + size < all.length ? { nextLink: next.href } : {}
  return { status: 200, body: { value: all.slice(skip, skip + size), ...more } }
}

function idOf({ subscriptionId, resourceGroup, name }: Identity): string {
  return `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/${TYPE}/${name}`
}

function resourceOf(
  identity: Identity,
  state: AzureState
): { readonly id: string } & Record<string, unknown> {
  const { name, location, tags, clientId, principalId } = identity
  return {
    id: idOf(identity),
    name,
    type: TYPE,
    location,
    tags,
    properties: { tenantId: state.tenantOf(identity), principalId, clientId }
  }
}

function credentialOf(identity: Identity, { name, issuer, subject, audience }: FederatedCredential): unknown {
  return {
    id: `${idOf(identity)}/federatedIdentityCredentials/${name}`,
    name,
    type: CREDENTIALS,
    properties: { issuer, subject, audiences: [audience] }
  }
}

function bad(message: string): Answer {
  return armError(400, 'BadRequest', message)
}

function missing({ url }: Call): Answer {
  return armError(
    404,
    'ResourceNotFound',
    `The Resource '${url.pathname}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
  )
}
