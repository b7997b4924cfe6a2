/** Access control: what the login may do in the organization, and a member's own entries on a repository. */
import type { Organization } from './client.ts'
import type { Member } from './members.ts'
import type { DevOpsRepository } from './projects.ts'
import { aceShape, aclShape, booleansShape, identityShape, list } from './shapes.ts'
import { UnexpectedReply } from '../../http/errors.ts'
import { nameOf, understood } from '../../http/request.ts'

const GIT_NAMESPACE = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'
const COLLECTION_NAMESPACE = '3e65f728-f8bc-4ecd-8764-7e378b19bfa7'
/** GenericRead in the Git Repositories namespace. */
const READ = 2

export class Permissions {
  readonly #organization: Organization
  constructor(organization: Organization) {
    this.#organization = organization
  }

  /** Whether the login may add members and set their licence (Project Collection Administrators may). */
  async mayAdministerMembers(): Promise<boolean> {
    const path = `_apis/permissions/${COLLECTION_NAMESPACE}/2?tokens=NAMESPACE&api-version=7.1`
    const request = this.#organization.get(`${this.#organization.url}/${path}`)
    return understood(booleansShape, await this.#organization.send(request), request).value[0] ?? false
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
    const request = this.#organization.get(
      `${this.#organization.url}/_apis/accesscontrollists/${GIT_NAMESPACE}?${query.toString()}`
    )
    const { value } = understood(list(aclShape), await this.#organization.send(request), request)
    const entries = value.flatMap(({ acesDictionary }) => Object.entries(acesDictionary ?? {}))
    const own = entries
      .filter(([key]) => key.toLowerCase() === descriptor.toLowerCase())
      // Those of others are no matter here, whatever they hold.
      .map(([, json]) => understood(aceShape, { json }, request))
    return {
      allowed: own.some(({ allow }) => ((allow ?? 0) & READ) !== 0),
      denied: own.some(({ deny }) => ((deny ?? 0) & READ) !== 0)
    }
  }

  /** Adds Read to what the member already has on the repository; other entries stay. */
  async allowRepositoryRead(repository: DevOpsRepository, member: Member): Promise<void> {
    const descriptor = await this.#legacyDescriptor(member.descriptor)
    await this.#organization.send({
      ...this.#organization.get(
        `${this.#organization.url}/_apis/accesscontrolentries/${GIT_NAMESPACE}?api-version=7.1`
      ),
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
    const url = `${this.#organization.url}/_apis/accesscontrolentries/${GIT_NAMESPACE}?${query.toString()}`
    await this.#organization.send({ ...this.#organization.get(url), method: 'DELETE' })
  }

  /** Access control entries name members by the old identity descriptor; it is asked for, never composed. */
  async #legacyDescriptor(descriptor: string): Promise<string> {
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
