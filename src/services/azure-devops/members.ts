/** Members of an organization, their licenses, and their project groups, which are part of the entitlement. */
import type * as z from 'zod/mini'
import { assertDescriptor, type Organization } from './client.ts'
import {
  entitlementShape,
  failureShape,
  isGuid,
  projectEntitlementShape,
  servicePrincipalShape,
  storageKeyShape,
  writtenShape
} from './shapes.ts'
import { lastsAfterWrite } from '../../http/first-answers.ts'
import { HttpProblem, safe } from '../../http/errors.ts'
import {
  nameOf,
  orAbsent,
  recordOf,
  refused,
  understood,
  type Reply,
  type Request
} from '../../http/request.ts'

const NO_TENANT = '00000000-0000-0000-0000-000000000000'

/** A service principal as a member of the organization. */
export interface Member {
  readonly descriptor: string
  readonly entitlementId: string
  /** The license's usual name: Basic, Stakeholder, …; the API calls Basic `express`. */
  readonly accessLevel: string
  /** Basic or better: earlyAdopter, professional, advanced and MSDN licenses can all read repositories. */
  readonly readsRepositories: boolean
  readonly status: string
  /** Ids of its projects, in lower case. */
  readonly projects: ReadonlyMap<string, { readonly name: string | undefined; readonly group: string }>
}

interface Principal {
  readonly originId: string
  readonly descriptor: string
}

/** Members by their names, as a question to the organization. */
const PRINCIPALS = 'service principals'

export class Members {
  readonly #organization: Organization
  constructor(organization: Organization) {
    this.#organization = organization
  }

  /** The organization's tenant, read anonymously; undefined when the organization does not exist or has no tenant. */
  tenant(): Promise<string | undefined> {
    return this.#organization.reads.once('tenant', () => this.#tenant())
  }

  async #tenant(): Promise<string | undefined> {
    const request: Request = { service: 'Azure DevOps', method: 'HEAD', url: this.#organization.url }
    let headers: Headers | undefined
    // The status is irrelevant: the headers of a 401, a 302 and a 200 all contain the answer.
    const refusal = (refusedRequest: Request, reply: Reply): HttpProblem => {
      headers = reply.headers
      return refused(refusedRequest, { ...reply, status: 404 })
    }
    const reply = await orAbsent(this.#organization.send(request, refusal))
    headers = reply?.headers ?? headers
    const challenge = headers?.get('www-authenticate') ?? ''
    const asked = challenge.matchAll(/authorization_uri="?https:\/\/[^/\s,"]+\/([0-9a-f-]{36})/gi)
    // Repeated headers arrive as one list; Azure DevOps writes zeros when there is no tenant.
    const named = headers?.get('x-vss-resourcetenant')?.split(',') ?? []
    return [...[...asked].map(([, tenant = '']) => tenant), ...named.map((tenant) => tenant.trim())].find(
      (tenant) => isGuid(tenant) && tenant !== NO_TENANT
    )
  }

  /** Starts reading what needs no output of the chain, so that it is available when a resource needs it. */
  prefetch(): void {
    // The caller that needs the result gets the error.
    this.#organization.reads.once(PRINCIPALS, () => this.#servicePrincipals()).catch(() => undefined)
  }

  /**
   * @param principalId object id of the service principal (Azure DevOps calls it originId)
   * @param fresh read again instead of using an earlier result
   * @returns undefined when it is not a member, or known without a license
   */
  async member(principalId: string, fresh: boolean): Promise<Member | undefined> {
    const { reads } = this.#organization
    if (fresh) reads.forget(PRINCIPALS)
    const within = (all: readonly Principal[]): Principal | undefined =>
      all.find(({ originId }) => originId.toLowerCase() === principalId.toLowerCase())
    // Who was not there when another run asked may be there now.
    const found = within(
      await reads.onceIf(
        PRINCIPALS,
        () => this.#servicePrincipals(),
        (all) => within(all) !== undefined
      )
    )
    if (!found) return undefined
    const { graph } = await this.#organization.places()
    assertDescriptor(found.descriptor, 'GET serviceprincipals')
    // The id must be requested: the GUID in the descriptor differs from it in the version nibble.
    const request = this.#organization.get(
      `${graph}/_apis/graph/storagekeys/${found.descriptor}?api-version=7.1-preview.1`
    )
    const id = await reads.once(`id of ${found.descriptor}`, async () => {
      const { value } = understood(storageKeyShape, await this.#organization.send(request), request)
      return value
    })
    return this.#entitlement(id, found.descriptor)
  }

  /** Reads the member again; without projects when it is gone. */
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
    // Another run may have removed the member in the meantime.
    await orAbsent(this.#writeEntitlement('PATCH', `/${entitlementId}`, patch))
  }

  /** Removes the member from the project's groups. */
  async removeFromProject(entitlementId: string, projectId: string): Promise<void> {
    const patch = [{ from: '', op: 'remove', path: `/projectEntitlements/${projectId}`, value: null }]
    // Another run may have removed the member in the meantime.
    await orAbsent(this.#writeEntitlement('PATCH', `/${entitlementId}`, patch))
  }

  /** Removes the member from the organization, which frees its license. Succeeds when it is already gone. */
  async removeMember(entitlementId: string): Promise<void> {
    this.#organization.reads.forget(PRINCIPALS)
    const { entitlements } = await this.#organization.places()
    const path = `_apis/serviceprincipalentitlements/${entitlementId}?api-version=7.1-preview.1`
    await orAbsent(
      this.#organization.send({ ...this.#organization.get(`${entitlements}/${path}`), method: 'DELETE' })
    )
  }

  async #entitlement(id: string, descriptor: string): Promise<Member | undefined> {
    const { entitlements } = await this.#organization.places()
    const request = this.#organization.get(
      `${entitlements}/_apis/serviceprincipalentitlements/${id}?api-version=7.1-preview.1`
    )
    const reply = await orAbsent(this.#organization.send(request))
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
      projects: new Map((projectEntitlements ?? []).flatMap(projectIn))
    }
  }

  async #servicePrincipals(): Promise<Principal[]> {
    const { graph } = await this.#organization.places()
    return this.#organization.pages(`${graph}/_apis/graph/serviceprincipals`, servicePrincipalShape)
  }

  async #writeEntitlement(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<void> {
    this.#organization.reads.forget(PRINCIPALS)
    const { entitlements } = await this.#organization.places()
    const base = this.#organization.get(
      `${entitlements}/_apis/serviceprincipalentitlements${path}?api-version=7.1-preview.1`
    )
    const type = method === 'PATCH' ? { 'content-type': 'application/json-patch+json' } : {}
    const request: Request = { ...base, method, body, headers: { ...base.headers, ...type } }
    const written = understood(writtenShape, await this.#organization.send(request), request)
    // The service answers 200 even to a failure, and one of several operations may fail, so every entry is checked.
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
      service: 'Azure DevOps',
      request: nameOf(request),
      // Somebody else was faster, or the graph does not know the member yet: the member is read again.
      status: isThere(text) ? 409 : 200,
      code: code === undefined ? undefined : safe(code, 60),
      detail: text,
      propagating: lastsAfterWrite('Azure DevOps', code)
    })
  }
}

/** An unreadable entry may be any project, so remove must not assume that the member is in no other project. */
const UNREAD = ['(one that could not be read)', { name: undefined, group: 'custom' }] as const

function projectIn(
  entry: unknown
): (readonly [string, { readonly name: string | undefined; readonly group: string }])[] {
  const { success, data } = projectEntitlementShape.safeParse(entry)
  if (!success) return [UNREAD]
  const { group, projectRef } = data
  if (!isGuid(projectRef?.id)) return []
  return [
    [projectRef.id.toLowerCase(), { name: projectRef.name ?? undefined, group: group?.groupType ?? 'custom' }]
  ]
}

/** Matches the wording, because no public list of these codes exists. */
function isThere(text: string): boolean {
  return /\balready\b.*\b(?:member|user|exists|added)\b|\balready exists\b/i.test(text)
}

const BASIC = { accountLicenseType: 'express', licensingSource: 'account' }
const LICENCES: Readonly<Record<string, string>> = {
  express: 'Basic',
  earlyadopter: 'Basic',
  advanced: 'Basic + Test Plans',
  professional: 'Visual Studio Professional',
  stakeholder: 'Stakeholder'
}
