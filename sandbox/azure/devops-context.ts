/** What the parts of Azure DevOps share: state, who may read what, the shape of an error. */
import type { Handler } from '../wire.ts'
import type { Authenticate, Directory, Lag } from '../world.ts'
import { legacyDescriptorOf, type AzureState, type Project, type Repository } from './state.ts'

export interface DevOpsContext {
  readonly state: () => AzureState
  readonly lag: Lag
  readonly directory: Directory
  /** Wraps a handler with the check that the caller is a member of the organization. */
  readonly guarded: (handler: Handler) => Handler
  readonly urls: { core: string; graph: string; entitlements: string }
  readonly authenticate: Authenticate
}

/** Read on the repository: by a group of the project, or by an entry of one's own; a deny beats both. */
export function mayRead(
  state: AzureState,
  principalId: string,
  project: Project,
  repository: Repository
): boolean {
  const member = state.member(principalId)
  if (!member || member.licence === 'stakeholder' || member.status === 'disabled') return false
  const grouped = ['Readers', 'Contributors', 'Project Administrators'].some((name) =>
    project.groups.get(name)?.has(member.descriptor)
  )
  const { allow, deny } = state.entry(project, repository, legacyDescriptorOf(principalId))
  return (deny & 2) === 0 && (grouped || (allow & 2) !== 0)
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
