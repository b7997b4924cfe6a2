/** Shared by the parts of Azure DevOps: state, read permissions, the shape of an error. */
import { createHash } from 'node:crypto'
import type { Call, Handler } from '../wire.ts'
import type { Authenticate, Directory, Lag } from '../world.ts'
import type { Limits } from './limits.ts'
import type { Organization, Project, Repository } from './organization.ts'
import { legacyDescriptorOf } from './state.ts'

export interface DevOpsContext {
  /** The organization that a request is for. Only guarded handlers may ask: others are asked for unknown ones, too. */
  readonly organization: (call: Pick<Call, 'url'>) => Organization
  readonly organizations: () => readonly Organization[]
  readonly limits: Limits
  readonly lag: Lag
  readonly directory: Directory
  /** Wraps a handler with the check that the caller is a member of the organization. */
  readonly guarded: (handler: Handler) => Handler
  readonly urls: { core: string; graph: string; entitlements: string }
  readonly authenticate: Authenticate
  /** Object id of the caller; empty when it is not a member of the organization. */
  readonly callerOf: (call: Pick<Call, 'headers'>) => Promise<string>
}

/** Bits of the security namespaces that the twin checks. */
export const GIT = { id: '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87', read: 2, manage: 8192 } as const
export const PROJECT = { id: '52d39943-cb85-4d7f-8fa8-c6baac873819', read: 1, manage: 2 } as const

/** Token of a repository, or of a whole project, in the Git namespace. */
export function gitToken({ id }: Pick<Project, 'id'>, repository?: Pick<Repository, 'id'>): string {
  return repository ? `repoV2/${id}/${repository.id}` : `repoV2/${id}`
}

export function projectToken({ id }: Pick<Project, 'id'>): string {
  return `$PROJECT:vstfs:///Classification/TeamProject/${id}`
}

/** Permissions by group, in the namespaces Git Repositories and Project. */
const GROUPS: Readonly<Record<string, { readonly git: number; readonly project: number }>> = {
  Readers: { git: 2, project: 1 },
  Contributors: { git: 2 | 4, project: 1 },
  'Project Administrators': { git: 1 | 2 | 4 | 8192, project: 1 | 2 }
}

/** As access control lists name a group. @param scope id of the project, or name of the organization */
export function groupDescriptorOf(scope: string, group: string): string {
  return `Microsoft.TeamFoundation.Identity;${sidOf(scope, group)}`
}

/** As the graph names it. */
export function graphDescriptorOf(scope: string, group: string): string {
  return `vssgp.${Buffer.from(sidOf(scope, group)).toString('base64url')}`
}

function sidOf(scope: string, group: string): string {
  const numbers = digestOf(scope, group).match(/.{8}/g) ?? []
  return ['S-1-9-1551374245', ...numbers.slice(0, 5).map((one) => Number.parseInt(one, 16))].join('-')
}

export function digestOf(scope: string, name: string): string {
  return createHash('sha256').update(`${scope} ${name}`).digest('hex')
}

/** What the groups of a member deny at a token. */
export function deniedByGroups(organization: Organization, principalId: string, token: string): number {
  const member = organization.member(principalId)
  const groups = organization.projects.flatMap(({ id, groups: own }) =>
    [...own].map(([name, members]) => ({ id, name, members, descriptor: graphDescriptorOf(id, name) }))
  )
  // Groups may be in groups.
  const inside = new Set(member === undefined ? [] : [member.descriptor])
  for (let before = -1; before < inside.size;) {
    before = inside.size
    for (const { members, descriptor } of groups)
      if ([...inside].some((one) => members.has(one))) inside.add(descriptor)
  }
  return groups
    .filter(({ descriptor }) => inside.has(descriptor))
    .reduce((bits, { id, name }) => bits | organization.entryAt(token, groupDescriptorOf(id, name)).deny, 0)
}

/** Whether a member has a bit at a token, from a project group or its own entry; a deny overrides both. */
export function mayAt(organization: Organization, principalId: string, token: string, bit: number): boolean {
  const member = organization.member(principalId)
  if (!member || member.status === 'disabled') return false
  if (organization.administers(principalId)) return true
  const [, kind, projectId, repositoryId] =
    /^(repov2|\$project:vstfs:\/\/\/classification\/teamproject)\/([0-9a-f-]{36})(?:\/([^/]+))?$/.exec(
      token.toLowerCase()
    ) ?? []
  const project = organization.projects.find(({ id }) => id === projectId)
  if (!project) return false
  const space = kind === 'repov2' ? 'git' : 'project'
  const grouped = Object.entries(GROUPS).some(
    ([name, bits]) => (bits[space] & bit) !== 0 && project.groups.get(name)?.has(member.descriptor) === true
  )
  const tokens = [token, ...(repositoryId === undefined ? [] : [gitToken(project)])]
  const entries = tokens.map((one) =>
    organization.entryAt(one, legacyDescriptorOf(principalId, organization.tenant))
  )
  if (entries.some(({ deny }) => (deny & bit) !== 0)) return false
  if (tokens.some((one) => (deniedByGroups(organization, principalId, one) & bit) !== 0)) return false
  return grouped || entries.some(({ allow }) => (allow & bit) !== 0)
}

/** Whether the project is visible. */
export function maySee(organization: Organization, principalId: string, project: Project): boolean {
  return mayAt(organization, principalId, projectToken(project), PROJECT.read)
}

/**
 * Access to a repository by git and the REST API. Read on the repository is not sufficient: without "View project-level
 * information" the repository is hidden (MicrosoftDocs/azure-devops-docs#10514).
 */
export function mayRead(
  organization: Organization,
  principalId: string,
  project: Project,
  repository: Repository
): boolean {
  if (organization.member(principalId)?.licence === 'stakeholder') return false
  return (
    maySee(organization, principalId, project) &&
    mayAt(organization, principalId, gitToken(project, repository), GIT.read)
  )
}

export function devopsError(typeKey: string, message: string): unknown {
  return {
    $id: '1',
    innerException: null,
    message,
    typeName: `Microsoft.TeamFoundation.${typeKey}`,
    typeKey,
    errorCode: 0,
    eventId: 3000
  }
}
