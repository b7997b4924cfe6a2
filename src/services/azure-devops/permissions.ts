/**
 * Access control: permissions of the login in the organization, and a member's own entries on repositories and
 * projects.
 */
import type { Organization } from './client.ts'
import type { Denial, Secured } from './secured.ts'
import type { Member } from './members.ts'
import type { DevOpsRepository } from './projects.ts'
import { aceShape, aclShape, booleansShape, identityShape, list } from './shapes.ts'
import { UnexpectedReply } from '../../http/errors.ts'
import { nameOf, understood, type Request } from '../../http/request.ts'

export type { Secured }

const COLLECTION = '3e65f728-f8bc-4ecd-8764-7e378b19bfa7'

/** GenericRead and ManagePermissions of the Git Repositories namespace. */
const GIT = { namespace: '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87', read: 2, manage: 8192 } as const
/** "View project-level information" and "Edit project-level information" of the Project namespace. */
const PROJECT = { namespace: '52d39943-cb85-4d7f-8fa8-c6baac873819', read: 1, manage: 2 } as const

/** @param id of the repository; without it, that of all repositories of the project */
export function repositorySecurity({
  projectId,
  id
}: Pick<DevOpsRepository, 'projectId'> & { readonly id?: string }): Secured {
  return { ...GIT, token: id === undefined ? `repoV2/${projectId}` : `repoV2/${projectId}/${id}` }
}

/** Without this permission the project's repositories are hidden (TF401019), whatever their own entries allow. */
export function projectSecurity(projectId: string): Secured {
  return { ...PROJECT, token: `$PROJECT:vstfs:///Classification/TeamProject/${projectId}` }
}

export class Permissions {
  readonly #organization: Organization
  readonly #legacy = new Map<string, Promise<string>>()
  constructor(organization: Organization) {
    this.#organization = organization
  }

  /**
   * Whether the login may add members and set their licenses, as Project Collection Administrators may. The token's
   * spelling is that of the acceptance tests of terraform-provider-azuredevops. The service also answers false for an
   * unknown token, so false is not conclusive.
   */
  async mayAdministerMembers(): Promise<boolean> {
    return this.#may(COLLECTION, 2, 'NAMESPACE:')
  }

  /** Whether the login may write the access control list. */
  async mayManage({ namespace, manage, token }: Secured): Promise<boolean> {
    return this.#may(namespace, manage, token)
  }

  /** The member's own entry for Read: allow and deny. */
  async entry(secured: Secured, member: Member): Promise<{ allowed: boolean; denied: boolean }> {
    const own = await this.#lists(secured, member, false)
    return {
      allowed: own.some(({ allow }) => (allow & secured.read) !== 0),
      denied: own.some(({ deny }) => (deny & secured.read) !== 0)
    }
  }

  /** What counts for Read in the end: the member's own entry, and what its groups deny. */
  async effective(
    secured: Secured,
    member: Member
  ): Promise<{ allowed: boolean; denied: boolean; deniedByGroup: boolean }> {
    const own = await this.#lists(secured, member, false)
    const has = (bits: number | undefined): boolean => ((bits ?? 0) & secured.read) !== 0
    const denied = own.some(({ deny }) => has(deny))
    return {
      allowed: own.some(({ allow, effectiveAllow }) => has(allow) || has(effectiveAllow)),
      denied,
      deniedByGroup: !denied && own.some(({ effectiveDeny }) => has(effectiveDeny))
    }
  }

  /** The groups that are denied Read at these places, as far as the member is in them. */
  async deniers(places: readonly Secured[], member: Member): Promise<Denial[]> {
    // Only a diagnosis needs it.
    const { denyingGroups } = await import('./denying-groups.ts')
    return denyingGroups(this.#organization, places, member)
  }

  /** Tokens in the project, in lower case, where the member's own entry allows Read. */
  async repositoryTokens(projectId: string, member: Member): Promise<string[]> {
    const all = await this.#lists({ ...GIT, token: `repoV2/${projectId}` }, member, true)
    return all.filter(({ allow }) => (allow & GIT.read) !== 0).map(({ token }) => token.toLowerCase())
  }

  /** Adds Read to the member's entry; other entries and a deny stay. */
  async allowRead({ namespace, token, read }: Secured, member: Member): Promise<void> {
    const descriptor = await this.#legacyDescriptor(member.descriptor)
    const request = this.#request(`accesscontrolentries/${namespace}`)
    const accessControlEntries = [{ descriptor, allow: read, deny: 0, extendedInfo: {} }]
    await this.#organization.send({
      ...request,
      method: 'POST',
      body: { token, merge: true, accessControlEntries }
    })
  }

  /** Removes Read from the member's own entry; its other bits and other members' entries stay. */
  async removeRead({ namespace, token, read }: Secured, member: Member): Promise<void> {
    const descriptor = await this.#legacyDescriptor(member.descriptor)
    const request = this.#request(`permissions/${namespace}/${read}`, { token, descriptor })
    await this.#organization.send({ ...request, method: 'DELETE' })
  }

  async #may(namespace: string, bits: number, tokens: string): Promise<boolean> {
    const request = this.#request(`permissions/${namespace}/${bits}`, { tokens })
    return understood(booleansShape, await this.#organization.send(request), request).value[0] ?? false
  }

  /** The member's own entries at the token, and optionally below it. */
  async #lists(
    { namespace, token }: Secured,
    member: Member,
    recurse: boolean
  ): Promise<
    {
      token: string
      allow: number
      deny: number
      effectiveAllow: number | undefined
      effectiveDeny: number | undefined
    }[]
  > {
    const descriptor = await this.#legacyDescriptor(member.descriptor)
    const request = this.#request(`accesscontrollists/${namespace}`, {
      token,
      descriptors: descriptor,
      includeExtendedInfo: 'true',
      recurse: String(recurse)
    })
    const { value } = understood(list(aclShape), await this.#organization.send(request), request)
    return value.flatMap(({ token: at = token, acesDictionary }) =>
      Object.entries(acesDictionary ?? {})
        .filter(([key]) => key.toLowerCase() === descriptor.toLowerCase())
        .map(([, json]) => {
          // Entries of other members are irrelevant here, whatever they contain.
          const { allow = 0, deny = 0, extendedInfo } = understood(aceShape, { json }, request)
          const { effectiveAllow, effectiveDeny } = extendedInfo ?? {}
          return {
            token: at,
            allow,
            deny,
            effectiveAllow: effectiveAllow ?? undefined,
            effectiveDeny: effectiveDeny ?? undefined
          }
        })
    )
  }

  #request(path: string, query: Readonly<Record<string, string>> = {}): Request {
    const search = new URLSearchParams({ ...query, 'api-version': '7.1' }).toString()
    return this.#organization.get(`${this.#organization.url}/_apis/${path}?${search}`)
  }

  /** Access control entries name members by a legacy descriptor, which must be requested and cannot be composed. */
  #legacyDescriptor(descriptor: string): Promise<string> {
    const known = this.#legacy.get(descriptor)
    if (known) return known
    const asked = this.#askedDescriptor(descriptor)
    this.#legacy.set(descriptor, asked)
    // A failed request is repeated on the next call.
    asked.catch(() => this.#legacy.delete(descriptor))
    return asked
  }

  async #askedDescriptor(descriptor: string): Promise<string> {
    const { graph } = await this.#organization.places()
    const request = this.#organization.get(
      `${graph}/_apis/identities?subjectDescriptors=${descriptor}&api-version=7.1`
    )
    const [identity] = understood(list(identityShape), await this.#organization.send(request), request).value
    if (!identity)
      throw new UnexpectedReply('Azure DevOps', nameOf(request), 'no identity for the descriptor')
    return identity.descriptor
  }
}
