/**
 * One Azure DevOps organization over REST, api-version 7.1 (MicrosoftDocs/vsts-rest-api-specs). Three hosts: core,
 * graph, entitlements. `azure-devops-node-api` has no client for graph, entitlements or access control lists, asks
 * two more requests per area, and lets a bearer follow redirects; so this is `fetch` (docs/decisions).
 */
import type * as z from 'zod/mini'
import {
  aclShape,
  areaShape,
  booleansShape,
  descriptorShape,
  entitlementShape,
  failureShape,
  groupShape,
  identityShape,
  isDescriptor,
  isGuid,
  list,
  projectShape,
  repositoryShape,
  servicePrincipalShape,
  storageKeyShape,
  writtenShape
} from './shapes.ts'
import type { Endpoints } from '../endpoints.ts'
import { withoutTrailing } from '../../core/text.ts'
import { assertTimeLeft } from '../../http/retry.ts'
import {
  LARGEST_LIST,
  LONGEST_PAGE_TOKEN,
  MOST_PAGES,
  nameOf,
  orAbsent,
  recordOf,
  refused,
  send,
  understood,
  type Bearer,
  type Reply,
  type Request,
  type Wire
} from '../../http/request.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable } from '../../http/errors.ts'

const AREA_GRAPH = 'bb1e7ec9-e901-4b68-999a-de7012b920f8'
const AREA_ENTITLEMENTS = '68ddce18-2501-45f1-a17b-7931a9922690'
const GIT_NAMESPACE = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'
const COLLECTION_NAMESPACE = '3e65f728-f8bc-4ecd-8764-7e378b19bfa7'
/** GenericRead in the Git Repositories namespace. */
const READ = 2
const NO_TENANT = '00000000-0000-0000-0000-000000000000'

export interface Project {
  readonly id: string
  readonly name: string
}

export interface DevOpsRepository {
  readonly id: string
  readonly name: string
  readonly projectId: string
  readonly disabled: boolean
}

/** A service principal as a member of the organization. */
export interface Member {
  readonly descriptor: string
  readonly entitlementId: string
  /** In the field's words: Basic, Stakeholder, …; Azure DevOps itself says `express` for Basic. */
  readonly accessLevel: string
  /** Basic or better: earlyAdopter, professional, advanced and MSDN licences all read repositories. */
  readonly readsRepositories: boolean
  readonly status: string
  /** The projects it is in, by id in lower case. */
  readonly projects: ReadonlyMap<string, { readonly name: string | undefined; readonly group: string }>
}

export class AzureDevOps {
  readonly organization: string
  readonly #endpoints: Endpoints
  readonly #bearer: Bearer
  readonly #wire: Wire
  #hosts: Promise<{ graph: string; entitlements: string }> | undefined
  readonly #projects = new Map<string, Promise<Project | undefined>>()
  #principals: Promise<{ originId: string; descriptor: string }[]> | undefined
  constructor(organization: string, endpoints: Endpoints, token: () => Promise<string>, wire: Wire) {
    this.organization = organization
    this.#endpoints = endpoints
    this.#bearer = { token, mayGoTo: (url) => this.#mayHaveToken(url) }
    this.#wire = wire
  }

  /** The tenant the organization is connected to, asked anonymously; undefined when it does not exist or has none. */
  async tenant(): Promise<string | undefined> {
    const request: Request = { plane: 'Azure DevOps', method: 'HEAD', url: this.#core }
    let headers: Headers | undefined
    // The status says nothing: the answer is in the headers of a 401, a 302 or a 200 alike.
    const refusal = (refusedRequest: Request, reply: Reply): HttpProblem => {
      headers = reply.headers
      return refused(refusedRequest, { ...reply, status: 404 })
    }
    const reply = await orAbsent(send(this.#wire, request, refusal))
    headers = reply?.headers ?? headers
    const challenge = headers?.get('www-authenticate') ?? ''
    const asked = challenge.matchAll(/authorization_uri="?https:\/\/[^/\s,"]+\/([0-9a-f-]{36})/gi)
    // Several values of a header arrive as one list; Azure DevOps writes zeros where there is no tenant.
    const named = headers?.get('x-vss-resourcetenant')?.split(',') ?? []
    return [...[...asked].map(([, tenant = '']) => tenant), ...named.map((tenant) => tenant.trim())].find(
      (tenant) => isGuid(tenant) && tenant !== NO_TENANT
    )
  }

  project(name: string): Promise<Project | undefined> {
    const known = this.#projects.get(name)
    if (known) return known
    const asked = this.#project(name)
    this.#projects.set(name, asked)
    return asked
  }

  async #project(name: string): Promise<Project | undefined> {
    const request = this.#get(`${this.#core}/_apis/projects/${encodeURIComponent(name)}?api-version=7.1`)
    const reply = await orAbsent(this.#send(request))
    return reply && understood(projectShape, reply, request)
  }

  async repository(project: string, name: string): Promise<DevOpsRepository | undefined> {
    const path = `${encodeURIComponent(project)}/_apis/git/repositories/${encodeURIComponent(name)}`
    const request = this.#get(`${this.#core}/${path}?api-version=7.1`)
    const reply = await orAbsent(this.#send(request))
    if (!reply) return undefined
    const { id, name: found, isDisabled, project: owner } = understood(repositoryShape, reply, request)
    return { id, name: found, projectId: owner.id, disabled: isDisabled ?? false }
  }

  /** Whether the login may add members and set their licence (Project Collection Administrators may). */
  async mayAdministerMembers(): Promise<boolean> {
    const path = `_apis/permissions/${COLLECTION_NAMESPACE}/2?tokens=NAMESPACE&api-version=7.1`
    const request = this.#get(`${this.#core}/${path}`)
    return understood(booleansShape, await this.#send(request), request).value[0] ?? false
  }

  /** Starts reading what needs nothing of the chain, so that it is at hand when a hop asks. */
  prefetch(): void {
    this.#principals ??= this.#servicePrincipals()
    // Whoever asks for it meets the failure.
    this.#principals.catch(() => undefined)
  }

  /**
   * @param principalId object id of the service principal (what Azure DevOps calls originId)
   * @param fresh ask anew instead of using what was read before
   * @returns undefined when it is not a member, or only known without a licence
   */
  async member(principalId: string, fresh: boolean): Promise<Member | undefined> {
    if (fresh) this.#principals = undefined
    const all = await (this.#principals ??= this.#servicePrincipals())
    const found = all.find(({ originId }) => originId.toLowerCase() === principalId.toLowerCase())
    if (!found) return undefined
    const { graph } = await this.#places()
    assertDescriptor(found.descriptor, 'GET serviceprincipals')
    // The id must be asked for: the GUID inside the descriptor differs from it in the version nibble.
    const request = this.#get(
      `${graph}/_apis/graph/storagekeys/${found.descriptor}?api-version=7.1-preview.1`
    )
    const { value: id } = understood(storageKeyShape, await this.#send(request), request)
    return this.#entitlement(id, found.descriptor)
  }

  /** The member as it is now; in no project when it is gone. */
  async membership(known: Member): Promise<Member> {
    const now = await this.#entitlement(known.entitlementId, known.descriptor)
    return now ?? { ...known, projects: new Map() }
  }

  /**
   * Adds the service principal with Basic.
   *
   * @throws {HttpProblem} `propagating` while Azure DevOps does not know a new identity (VS403283).
   */
  async addMember(principalId: string): Promise<void> {
    await this.#writeEntitlement('POST', '', {
      accessLevel: BASIC,
      servicePrincipal: { origin: 'aad', originId: principalId, subjectKind: 'servicePrincipal' },
      projectEntitlements: []
    })
  }

  async setBasic(entitlementId: string): Promise<void> {
    const patch = [{ from: '', op: 'replace', path: '/accessLevel', value: BASIC }]
    await this.#writeEntitlement('PATCH', `/${entitlementId}`, patch)
  }

  /** Puts the member into the project's Readers. */
  async addReader(entitlementId: string, projectId: string): Promise<void> {
    const value = { group: { groupType: 'projectReader' }, projectRef: { id: projectId } }
    const patch = [{ from: '', op: 'add', path: `/projectEntitlements/${projectId}`, value }]
    // Another run may have taken the member out meanwhile.
    await orAbsent(this.#writeEntitlement('PATCH', `/${entitlementId}`, patch))
  }

  /** Takes the member out of the project's groups. */
  async removeFromProject(entitlementId: string, projectId: string): Promise<void> {
    const patch = [{ from: '', op: 'remove', path: `/projectEntitlements/${projectId}`, value: null }]
    // Another run may have taken the member out meanwhile.
    await orAbsent(this.#writeEntitlement('PATCH', `/${entitlementId}`, patch))
  }

  /** Takes the member out of the organization; its licence is free then. In order also when it is not there. */
  async removeMember(entitlementId: string): Promise<void> {
    const { entitlements } = await this.#places()
    const path = `_apis/serviceprincipalentitlements/${entitlementId}?api-version=7.1-preview.1`
    await orAbsent(this.#send({ ...this.#get(`${entitlements}/${path}`), method: 'DELETE' }))
  }

  /** Direct membership in the project's Readers group, from the graph. */
  async isReader(projectId: string, memberDescriptor: string): Promise<boolean> {
    const { graph } = await this.#places()
    const scopeRequest = this.#get(`${graph}/_apis/graph/descriptors/${projectId}?api-version=7.1-preview.1`)
    const { value: scope } = understood(descriptorShape, await this.#send(scopeRequest), scopeRequest)
    const groups = await this.#pages(`${graph}/_apis/graph/groups?scopeDescriptor=${scope}`, groupShape)
    const readers = groups.find(
      ({ displayName, principalName }) => displayName === 'Readers' || principalName?.endsWith('\\Readers')
    )
    if (!readers) return false
    assertDescriptor(readers.descriptor, 'GET groups')
    const path = `_apis/graph/memberships/${memberDescriptor}/${readers.descriptor}`
    const request: Request = { ...this.#get(`${graph}/${path}?api-version=7.1-preview.1`), method: 'HEAD' }
    return (await orAbsent(this.#send(request))) !== undefined
  }

  /** The member's own allow and deny of Read on one repository. */
  async repositoryRead(
    repository: DevOpsRepository,
    member: Member
  ): Promise<{ allowed: boolean; denied: boolean }> {
    const descriptor = await this.#legacyDescriptor(member.descriptor)
    const query = new URLSearchParams({
      token: `repoV2/${repository.projectId}/${repository.id}`,
      descriptors: descriptor,
      includeExtendedInfo: 'true',
      recurse: 'false',
      'api-version': '7.1'
    })
    const request = this.#get(`${this.#core}/_apis/accesscontrollists/${GIT_NAMESPACE}?${query.toString()}`)
    const { value } = understood(list(aclShape), await this.#send(request), request)
    const entries = value.flatMap(({ acesDictionary }) => Object.entries(acesDictionary ?? {}))
    const own = entries
      .filter(([key]) => key.toLowerCase() === descriptor.toLowerCase())
      .map(([, ace]) => ace)
    return {
      allowed: own.some(({ allow }) => ((allow ?? 0) & READ) !== 0),
      denied: own.some(({ deny }) => ((deny ?? 0) & READ) !== 0)
    }
  }

  /** Adds Read to what the member already has on the repository; other entries stay. */
  async allowRepositoryRead(repository: DevOpsRepository, member: Member): Promise<void> {
    const descriptor = await this.#legacyDescriptor(member.descriptor)
    await this.#send({
      ...this.#get(`${this.#core}/_apis/accesscontrolentries/${GIT_NAMESPACE}?api-version=7.1`),
      method: 'POST',
      body: {
        token: `repoV2/${repository.projectId}/${repository.id}`,
        merge: true,
        accessControlEntries: [{ descriptor, allow: READ, deny: 0, extendedInfo: {} }]
      }
    })
  }

  /** Takes away the member's own entry on the repository; those of others stay. */
  async removeRepositoryRead(repository: DevOpsRepository, member: Member): Promise<void> {
    const query = new URLSearchParams({
      token: `repoV2/${repository.projectId}/${repository.id}`,
      descriptors: await this.#legacyDescriptor(member.descriptor),
      'api-version': '7.1'
    })
    const url = `${this.#core}/_apis/accesscontrolentries/${GIT_NAMESPACE}?${query.toString()}`
    await this.#send({ ...this.#get(url), method: 'DELETE' })
  }

  async #entitlement(id: string, descriptor: string): Promise<Member | undefined> {
    const { entitlements } = await this.#places()
    const request = this.#get(
      `${entitlements}/_apis/serviceprincipalentitlements/${id}?api-version=7.1-preview.1`
    )
    const reply = await orAbsent(this.#send(request))
    if (!reply) return undefined
    const {
      id: entitlementId,
      accessLevel,
      projectEntitlements
    } = understood(entitlementShape, reply, request)
    const licence = accessLevel?.accountLicenseType ?? 'none'
    const status = accessLevel?.status ?? 'none'
    if (status === 'deleted' || status === 'none') return undefined
    return {
      descriptor,
      entitlementId,
      accessLevel: LICENCES[licence.toLowerCase()] ?? licence,
      readsRepositories: !['none', 'stakeholder'].includes(licence.toLowerCase()),
      status,
      projects: new Map(
        (projectEntitlements ?? [])
          .filter(({ projectRef }) => isGuid(projectRef?.id))
          .map(({ group, projectRef }) => [
            projectRef?.id?.toLowerCase() ?? '',
            { name: projectRef?.name ?? undefined, group: group?.groupType ?? 'custom' }
          ])
      )
    }
  }

  get #core(): string {
    return `${this.#endpoints.devops}/${this.organization}`
  }

  #get(url: string): Request {
    return {
      plane: 'Azure DevOps',
      method: 'GET',
      url,
      // Without it a bad token is answered by a redirect to a sign-in page instead of a 401.
      headers: { 'x-tfs-fedauthredirect': 'Suppress' },
      bearer: this.#bearer
    }
  }

  #send(request: Request): Promise<Reply> {
    return send(this.#wire, request)
  }

  async #servicePrincipals(): Promise<{ originId: string; descriptor: string }[]> {
    const { graph } = await this.#places()
    return this.#pages(`${graph}/_apis/graph/serviceprincipals`, servicePrincipalShape)
  }

  /** Pages may be empty although more follow: only a missing token ends the list. */
  async #pages<T>(url: string, item: z.ZodMiniType<T>): Promise<T[]> {
    const found: T[] = []
    let [pages, size] = [1, 0]
    for (let token: string | null | undefined; token !== null; pages += 1) {
      const next = new URL(url)
      next.searchParams.set('api-version', '7.1-preview.1')
      if (token !== undefined) next.searchParams.set('continuationToken', token)
      const request = this.#get(next.href)
      assertTimeLeft(this.#wire.patience, () => outOfTime(request))
      const reply = await this.#send(request)
      for (const one of understood(list(item), reply, request).value) found.push(one)
      const following = reply.headers.get('x-ms-continuationtoken')
      token = following === '' || following === token ? null : following
      size += reply.text.length
      if (pages >= MOST_PAGES || size > LARGEST_LIST || (token ?? '').length > LONGEST_PAGE_TOKEN)
        throw new UnexpectedReply('Azure DevOps', nameOf(request), 'the list does not end')
    }
    return found
  }

  /** Access control entries name members by the old identity descriptor; it is asked for, never composed. */
  async #legacyDescriptor(descriptor: string): Promise<string> {
    const { graph } = await this.#places()
    const request = this.#get(`${graph}/_apis/identities?subjectDescriptors=${descriptor}&api-version=7.1`)
    const [identity] = understood(list(identityShape), await this.#send(request), request).value
    if (!identity)
      throw new UnexpectedReply('Azure DevOps', nameOf(request), 'no identity for the descriptor')
    return identity.descriptor
  }

  async #writeEntitlement(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<void> {
    const { entitlements } = await this.#places()
    const base = this.#get(
      `${entitlements}/_apis/serviceprincipalentitlements${path}?api-version=7.1-preview.1`
    )
    const type = method === 'PATCH' ? { 'content-type': 'application/json-patch+json' } : {}
    const request: Request = { ...base, method, body, headers: { ...base.headers, ...type } }
    const written = understood(writtenShape, await this.#send(request), request)
    // 200 is the answer to a failure too, and one operation may fail beside others: look at every entry.
    const outcomes = [written.operationResult, ...(written.operationResults ?? []), written]
    if (outcomes.every((outcome) => outcome?.isSuccess !== false)) return
    const errors = outcomes.flatMap((outcome) => {
      const { errors: found } = recordOf(outcome)
      return Array.isArray(found) ? (found as z.infer<typeof failureShape>[]) : []
    })
    const text = errors.map(({ key, value }) => `(${key ?? '?'}) ${value ?? ''}`).join('; ')
    const code =
      /VS\d{5,}|TF\d{5,}/.exec(text)?.[0] ??
      (errors[0]?.key === undefined ? undefined : String(errors[0].key))
    throw new HttpProblem({
      plane: 'Azure DevOps',
      request: nameOf(request),
      status: 200,
      code: code === undefined ? undefined : safe(code, 60),
      detail: safe(text),
      propagating: code === 'VS403283'
    })
  }

  #places(): Promise<{ graph: string; entitlements: string }> {
    this.#hosts ??= this.#discover()
    return this.#hosts
  }

  async #discover(): Promise<{ graph: string; entitlements: string }> {
    const known = this.#endpoints.devopsHosts
    if (known) {
      return {
        graph: `${known.graph}/${this.organization}`,
        entitlements: `${known.entitlements}/${this.organization}`
      }
    }
    const request = this.#get(`${this.#core}/_apis/resourceAreas?api-version=7.1-preview.1`)
    const areas = understood(list(areaShape), await this.#send(request), request).value
    const place = (area: string): string => {
      const told = areas.find(({ id }) => id.toLowerCase() === area)?.locationUrl
      const location = told === undefined ? undefined : withoutTrailing(told, '/')
      const url = location === undefined ? null : URL.parse(location)
      const plain = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === ''
      if (location === undefined || !plain || !this.#mayHaveToken(url)) {
        throw new UnexpectedReply('Azure DevOps', nameOf(request), `no usable location for area ${area}`)
      }
      const named = url.pathname.toLowerCase().endsWith(`/${this.organization.toLowerCase()}`)
      return named ? location : `${location}/${this.organization}`
    }
    return { graph: place(AREA_GRAPH), entitlements: place(AREA_ENTITLEMENTS) }
  }

  /** The bearer goes to the configured host and to Azure DevOps' own, whatever an answer says. */
  #mayHaveToken({ protocol, hostname, port }: URL): boolean {
    const { hostname: own } = new URL(this.#endpoints.devops)
    const azures = /(?:^|\.)(?:dev\.azure|visualstudio)\.com$/.test(hostname) && port === ''
    // The services of one proxy, or of the sandbox, differ in their ports.
    const overridden = this.#endpoints.devopsHosts === undefined && hostname === own
    return protocol === 'https:' && (azures || overridden)
  }
}

function assertDescriptor(text: string, request: string): void {
  if (!isDescriptor(text))
    throw new UnexpectedReply('Azure DevOps', request, `a descriptor that is none: ${safe(text, 60)}`)
}

function outOfTime(request: Request): Unreachable {
  return new Unreachable('Azure DevOps', nameOf(request), new URL(request.url).host, new Error('out of time'))
}

const BASIC = { accountLicenseType: 'express', licensingSource: 'account' }
const LICENCES: Readonly<Record<string, string>> = {
  express: 'Basic',
  earlyadopter: 'Basic',
  advanced: 'Basic + Test Plans',
  professional: 'Visual Studio Professional',
  stakeholder: 'Stakeholder'
}
