/** The state of one Azure DevOps organization: members with their licences, projects, access control. Plain data. */
import { randomBytes, randomUUID } from 'node:crypto'

/** Object id of the deployer. */
export const DEPLOYER = 'f2b3c4d5-e6f7-4081-92a3-b4c5d6e7f807'

export interface Member {
  readonly principalId: string
  readonly entitlementId: string
  readonly descriptor: string
  licence: string
  status: 'pending' | 'active' | 'disabled'
  readonly joinedAt: number
}

/** A personal access token of somebody who reads everything in the organization. */
export interface PersonalToken {
  readonly secret: string
  /** ms since the epoch. */
  expiresAt: number
  revoked: boolean
}

/** Of the older form, 52 characters. */
export function newPersonalToken(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  return [...randomBytes(52)].map((byte) => alphabet[byte % 32]).join('')
}

export interface Repository {
  readonly id: string
  readonly name: string
  readonly folder: string
  disabled: boolean
  /** Where it is not main. */
  readonly defaultBranch?: string
}

export interface Project {
  readonly id: string
  readonly name: string
  /** Names from before a rename. */
  readonly formerNames?: readonly string[]
  readonly repositories: Repository[]
  /** Group name → descriptors of members. */
  readonly groups: ReadonlyMap<string, Set<string>>
}

/** A service connection of Azure Pipelines with workload identity federation. */
export interface ServiceEndpoint {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly clientId: string
  readonly subscriptionId: string
  readonly projectId: string
  /** Of the tokens that a job gets for it. */
  readonly subject: string
}

export class Organization {
  readonly name: string
  readonly projects: Project[]
  readonly members: Member[] = []
  readonly personalTokens: PersonalToken[] = []
  tenant: string
  /** Whether the deployer is a Project Collection Administrator; else groups and entries say what it may. */
  collectionAdministrator = true
  /** Descriptors of the Project Collection Administrators, apart from the deployer. */
  readonly administrators = new Set<string>()
  readonly serviceEndpoints: ServiceEndpoint[] = []
  /** False: the question for one's own permissions is answered with no, whoever asks. */
  permissionsAnswered = true
  /** Why an entitlement is refused, in the service's own words. */
  entitlementRefusal: readonly [key: string | number, value: string] | undefined
  /** Token in lower case, of whatever namespace → legacy descriptor → allow and deny bits. */
  readonly entries = new Map<string, Map<string, { allow: number; deny: number }>>()
  gitBehaviour: 'as usual' | 'sign-in page' | 'redirect' | 'network refused' | 'throttled' | 'forbidden' =
    'as usual'
  /** Whether URLs with a project's former name still lead to it; the API of projects knows it in any case. */
  formerNames: 'answered' | 'refused' = 'answered'
  /** How git refuses a member that it does not know yet. */
  freshMembers: 'refused' | 'redirected' = 'refused'

  constructor(name: string, tenant: string, projects: Project[]) {
    this.name = name
    this.tenant = tenant
    this.projects = projects
  }

  addMember(principalId: string, licence: string, joinedAt: number): Member {
    const entitlementId = randomUUID()
    // As in reality the GUID in the descriptor differs from the entitlement id in the version nibble.
    const inside = `${entitlementId.slice(0, 14)}7${entitlementId.slice(15)}`
    const descriptor = `aadsp.${Buffer.from(inside).toString('base64url')}`
    const member: Member = { principalId, entitlementId, descriptor, licence, status: 'active', joinedAt }
    this.members.push(member)
    return member
  }

  member(principalId: string): Member | undefined {
    return this.members.find((one) => one.principalId.toLowerCase() === principalId.toLowerCase())
  }

  removeMember(member: Member): void {
    this.members.splice(this.members.indexOf(member), 1)
    for (const { groups } of this.projects)
      for (const members of groups.values()) members.delete(member.descriptor)
    this.administrators.delete(member.descriptor)
  }

  /** Whether a member is one of the Project Collection Administrators. */
  administers(principalId: string): boolean {
    const member = this.member(principalId)
    if (!member || member.status === 'disabled') return false
    if (principalId === DEPLOYER && this.collectionAdministrator) return true
    return this.administrators.has(member.descriptor)
  }

  project(nameOrId: string): Project | undefined {
    const wanted = nameOrId.toLowerCase()
    return this.projects.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted)
  }

  /** Also by a name from before a rename, unless another project has it now. */
  projectEver(nameOrId: string): Project | undefined {
    const wanted = nameOrId.toLowerCase()
    const had = ({ formerNames = [] }: Project): boolean =>
      formerNames.some((name) => name.toLowerCase() === wanted)
    return this.project(nameOrId) ?? this.projects.find(had)
  }

  /** The project that a URL leads to. */
  projectInUrl(nameOrId: string): Project | undefined {
    return this.formerNames === 'answered' ? this.projectEver(nameOrId) : this.project(nameOrId)
  }

  /** What an access control list says of one member itself. */
  entryAt(token: string, legacyDescriptor: string): { allow: number; deny: number } {
    return this.entries.get(token.toLowerCase())?.get(legacyDescriptor) ?? { allow: 0, deny: 0 }
  }
}
