/** The identity in Azure DevOps, as evidence: membership and license, permissions and denials, the repositories. */
import type { Evidence, RepositoryFacts } from '../../diagnosis/evidence.ts'
import type { RepositoryUrl } from '../../config/repository-url.ts'
import { mapBounded } from '../../core/concurrency.ts'
import type { Denial } from '../../services/azure-devops/secured.ts'
import { safe } from '../../http/errors.ts'
import type { Member } from '../../services/azure-devops/members.ts'
import { projectSecurity, repositorySecurity } from '../../services/azure-devops/permissions.ts'
import type { DevOpsRepository } from '../../services/azure-devops/projects.ts'
import type { AzureDevOps } from '../../services/services.ts'
import { isRenamed, renamedRepository } from '../repositories.ts'
import { orUnread, type Reader } from './reader.ts'

/** Of how many repositories the evidence is read. */
const MOST = 5

export interface Organization {
  readonly name: string
  readonly repositories: readonly RepositoryUrl[]
}

export async function readOrganization(
  { name, repositories }: Organization,
  principalId: string,
  access: 'project-readers' | 'repository',
  devops: AzureDevOps,
  reader: Reader
): Promise<Pick<Evidence, 'membership' | 'repositories'>> {
  const [tenantId, found] = await Promise.all([
    orUnread(reader, `the tenant of ${name}`, () => devops.members.tenant()),
    orUnread(reader, `members of ${name}`, async () => ({
      member: await devops.members.member(principalId, true)
    }))
  ])
  if (!found) return {}
  const { member } = found
  const facts = await mapBounded(repositories.slice(0, MOST), (one) =>
    orUnread(reader, `the repository ${one.url}`, () => factsOf(one, member, access, devops, reader))
  )
  const { accessLevel = '', readsRepositories: reads = false, status = '' } = member ?? {}
  return {
    membership: { member: member && { accessLevel, reads, status }, tenantId },
    repositories: facts.filter((one) => one !== undefined)
  }
}

async function factsOf(
  one: RepositoryUrl,
  member: Member | undefined,
  access: 'project-readers' | 'repository',
  devops: AzureDevOps,
  reader: Reader
): Promise<RepositoryFacts> {
  const { url, project: projectName, repository: name } = one
  const [project, named] = await Promise.all([
    devops.projects.project(projectName),
    devops.projects.repository(projectName, name)
  ])
  const found =
    named ??
    (project && isRenamed(one, project)
      ? await devops.projects.repository(project.id, renamedRepository(one, project))
      : undefined)
  const base = { url, project: projectName, repository: name, projectExists: project !== undefined }
  const nothing = { denied: undefined, deniedTo: undefined, allowed: undefined }
  if (!found) {
    const others = project && (await devops.projects.names(project.id))
    return { ...base, found: undefined, ...nothing, ...(others && { others }) }
  }
  const [branches, rights] = await Promise.all([
    found.disabled
      ? undefined
      : orUnread(reader, `branches of ${url}`, () => devops.projects.branches(found.projectId, found.id)),
    member && orUnread(reader, `permissions on ${url}`, () => rightsOf(member, found, access, devops, reader))
  ])
  const { defaultBranch, disabled } = found
  return {
    ...base,
    ...nothing,
    ...rights,
    found: {
      name: found.name,
      disabled,
      empty: branches && branches.length === 0,
      defaultBranch,
      defaultBranchExists:
        branches && defaultBranch !== undefined ? branches.includes(defaultBranch) : undefined
    }
  }
}

type Rights = Pick<RepositoryFacts, 'denied' | 'deniedTo' | 'denial' | 'allowed' | 'projectVisible'>

/** A project's permissions have two sources, its groups and entries of its own; a Deny in either counts. */
async function rightsOf(
  member: Member,
  { projectId, ...repository }: DevOpsRepository,
  access: 'project-readers' | 'repository',
  { permissions, projects }: AzureDevOps,
  reader: Reader
): Promise<Rights> {
  const places = [
    repositorySecurity({ projectId, id: repository.id }),
    repositorySecurity({ projectId }),
    projectSecurity(projectId)
  ] as const
  const [ofRepository, ofAll, ofProject] = places
  const [own, whole, inProject, isReader] = await Promise.all([
    permissions.effective(ofRepository, member),
    permissions.effective(ofAll, member),
    permissions.effective(ofProject, member),
    access === 'repository' ? false : projects.isReader(projectId, member.descriptor)
  ])
  const grouped = isReader || member.projects.has(projectId.toLowerCase())
  const denied = own.denied || whole.denied ? 'repository' : inProject.denied ? 'project' : undefined
  const byGroup = own.deniedByGroup || whole.deniedByGroup || inProject.deniedByGroup
  // Every entry that could be inherited from.
  const all = [...places, { ...ofAll, token: 'repoV2' }]
  const groups = byGroup
    ? ((await orUnread(reader, 'the group that denies', () => permissions.deniers(all, member))) ?? [])
    : []
  return {
    denied,
    deniedTo: byGroup ? nameOf(groups) : undefined,
    denial: denialOf(groups),
    allowed: own.allowed || whole.allowed || grouped,
    projectVisible: inProject.allowed || grouped
  }
}

function nameOf(groups: readonly Denial[]): string {
  const names = [...new Set(groups.map(({ group }) => safe(group, 120)))].slice(0, 3)
  return names.length === 0 ? 'a group' : names.join(' or ')
}

/** Only where there is no doubt. */
function denialOf(groups: readonly Denial[]): RepositoryFacts['denial'] {
  const [first, ...others] = groups
  if (first?.descriptor === undefined || others.some(({ group }) => group !== first.group)) return undefined
  const { namespace, token, bit, descriptor: subject } = first
  return { namespace, token, bit, subject }
}
