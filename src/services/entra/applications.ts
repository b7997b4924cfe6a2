/**
 * Applications of Entra, their service principals and federated credentials, over Microsoft Graph v1.0
 * (learn.microsoft.com/graph/api: application, servicePrincipal, federatedIdentityCredential). Names of applications are
 * not unique, so a tag shows which one is Patless's own.
 */
import * as z from 'zod/mini'
import { GUID } from '../azure/ids.ts'
import type { ListedCredential } from '../azure/listed-credential.ts'
import type { FederatedCredential } from '../azure/managed-identities.ts'
import { lastsAfterWrite } from '../../http/first-answers.ts'
import type { FindingFacts } from '../../core/finding.ts'
import { HttpProblem, safe } from '../../http/errors.ts'
import {
  orAbsent,
  refused,
  send,
  understood,
  type Bearer,
  type Reply,
  type Request,
  type Wire
} from '../../http/request.ts'

/** The tag on Patless's own applications. */
export const APPLICATION_TAG = 'managed-by:patless'
/** The most that one page can have. A tenant with more applications of one name is no valid answer. */
const PAGE = 999

const guid = z.string().check(z.regex(GUID))
const applicationShape = z.looseObject({
  id: guid,
  appId: guid,
  createdDateTime: z.nullish(z.string()),
  tags: z.nullish(z.array(z.string()))
})
const principalShape = z.looseObject({ id: guid, appId: guid })
/** A flexible one has no subject. */
const credentialShape = z.looseObject({
  id: guid,
  name: z.string(),
  issuer: z.catch(z.optional(z.string()), undefined),
  subject: z.catch(z.optional(z.string()), undefined),
  audiences: z.catch(z.optional(z.array(z.string())), undefined)
})
/** All there is is on one page; with a link to another one it is refused. */
const listOf = <T>(item: z.ZodMiniType<T>) =>
  z.looseObject({
    value: z.array(item).check(z.maxLength(PAGE)),
    '@odata.nextLink': z.optional(z.undefined())
  })

export interface Application {
  /** Object id. */
  readonly id: string
  readonly clientId: string
  /** Whether it has the tag of Patless. */
  readonly marked: boolean
}

export class Applications {
  readonly #base: string
  readonly #bearer: Bearer
  readonly #wire: Wire
  /** A list may lack for some seconds what was just made. */
  readonly #made = new Map<string, Application>()
  /** @param graph the URL of Microsoft Graph, without a slash at its end */
  constructor(graph: string, token: () => Promise<string>, wire: Wire) {
    const { origin } = new URL(graph)
    this.#base = `${graph}/v1.0`
    this.#bearer = { token, mayGoTo: (url) => url.origin === origin }
    this.#wire = wire
  }

  /** All with this display name, in any case, the oldest first. */
  async named(name: string): Promise<Application[]> {
    const filter = filterBy('displayName', name)
    const request = this.#request('GET', `/applications?${filter}&$select=id,appId,createdDateTime,tags`)
    const { value } = understood(listOf(applicationShape), await this.#send(request), request)
    const all = value.toSorted((one, other) => ageOf(one).localeCompare(ageOf(other))).map(applicationOf)
    const made = this.#made.get(name)
    return made && !all.some(({ id }) => id === made.id) ? [...all, made] : all
  }

  /** With the tag of Patless, and for logins of this tenant only. */
  async create(name: string): Promise<void> {
    const request = this.#request('POST', '/applications', newApplication(name))
    this.#made.set(name, applicationOf(understood(applicationShape, await this.#send(request), request)))
  }

  /** With its service principal and credentials. Succeeds when it is already gone. */
  async remove(id: string): Promise<void> {
    await orAbsent(this.#send(this.#request('DELETE', `/applications/${id}`)))
    for (const [name, made] of this.#made) if (made.id === id) this.#made.delete(name)
  }

  /** Object id of the service principal in this tenant; undefined when the application has none. */
  async principal(clientId: string): Promise<string | undefined> {
    const path = `/servicePrincipals?${filterBy('appId', clientId)}&$select=id,appId`
    const request = this.#request('GET', path)
    const { value } = understood(listOf(principalShape), await this.#send(request), request)
    return value[0]?.id
  }

  async createPrincipal(clientId: string): Promise<void> {
    await this.#send(this.#request('POST', '/servicePrincipals', { appId: clientId }))
  }

  /** Also empty when the application does not exist. */
  async credentials(id: string): Promise<(ListedCredential & { readonly id: string })[]> {
    const request = this.#request('GET', credentialsOf(id))
    const reply = await orAbsent(this.#send(request))
    const { value } = reply ? understood(listOf(credentialShape), reply, request) : { value: [] }
    return value
  }

  /** The name of a credential cannot be changed, so one with this name is changed in place. */
  async putCredential(id: string, { name, ...trust }: FederatedCredential): Promise<void> {
    const existing = (await this.credentials(id)).find((one) => one.name === name)
    const request = existing
      ? this.#request('PATCH', `${credentialsOf(id)}/${existing.id}`, trust)
      : this.#request('POST', credentialsOf(id), { name, ...trust })
    await this.#send(request)
  }

  /** Succeeds when it is already gone. */
  async removeCredential(id: string, name: string): Promise<void> {
    const existing = (await this.credentials(id)).find((one) => one.name === name)
    if (existing) await orAbsent(this.#send(this.#request('DELETE', `${credentialsOf(id)}/${existing.id}`)))
  }

  #request(method: Request['method'], path: string, body?: unknown): Request {
    const url = `${this.#base}${path}`
    return {
      ...{ service: 'Microsoft Graph', method, url, bearer: this.#bearer },
      ...(body !== undefined && { body })
    }
  }

  #send(request: Request): Promise<Reply> {
    return send(this.#wire, request, refusedByGraph)
  }
}

/** The body of the POST that makes one. */
export function newApplication(name: string): object {
  return { displayName: name, signInAudience: 'AzureADMyOrg', tags: [APPLICATION_TAG] }
}

function credentialsOf(id: string): string {
  return `/applications/${id}/federatedIdentityCredentials`
}

function filterBy(field: string, value: string): string {
  return `$filter=${encodeURIComponent(`${field} eq '${value.replaceAll("'", "''")}'`)}&$top=${PAGE}`
}

function ageOf({ createdDateTime, appId }: z.infer<typeof applicationShape>): string {
  return `${createdDateTime ?? ''} ${appId}`
}

function applicationOf({ id, appId, tags }: z.infer<typeof applicationShape>): Application {
  return { id, clientId: appId, marked: tags?.includes(APPLICATION_TAG) === true }
}

/** Replicas of the directory learn of an application one after another: a write beside it may be too early. */
function refusedByGraph(request: Request, reply: Reply): HttpProblem {
  const problem = refused(request, reply)
  const { service, status, code, retryAfter } = problem
  const detail = problem.answer().whole
  const early = request.method === 'GET' ? 0 : lastsAfterWrite('Microsoft Graph', `${code ?? ''} ${detail}`)
  const asked = `${request.method} ${new URL(request.url).pathname}`
  return new HttpProblem({
    ...{ service, request: asked, status, code, retryAfter, detail, propagating: early },
    ...(status === 403 && { remedy: notAllowed(asked, detail) })
  })
}

function notAllowed(request: string, detail: string): FindingFacts {
  return {
    id: 'pipeline-application/not-allowed',
    summary: `Entra does not let your login change this application: 403 to ${request}: ${safe(detail)}`,
    remedy:
      'have an Application Developer, the owner of the application, or an Application Administrator do this part; or take a user-assigned identity (without --login), which needs no right in Entra'
  }
}
