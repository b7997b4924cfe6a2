/**
 * Where the member reads: a project as one of its Readers, or a repository together with the project that contains it.
 * Git cannot find a repository in a project that the member cannot see (MicrosoftDocs/azure-devops-docs#10514).
 */
import { groupBy } from '../core/group-by.ts'
import type { Member } from '../services/azure-devops/members.ts'
import type { DevOpsRepository } from '../services/azure-devops/projects.ts'
import { projectSecurity, repositorySecurity, type Secured } from '../services/azure-devops/permissions.ts'
import type { AzureDevOps } from '../services/services.ts'
import { mapBounded } from '../core/concurrency.ts'
import { warning, type Finding, type FindingFacts } from '../core/finding.ts'
import { HttpProblem } from '../http/errors.ts'
import type { RepositoryUrl } from '../config/repository-url.ts'
import {
  isRenamed,
  projectMissing,
  projectRenamed,
  renamedRepository,
  repositoryMissing
} from './repositories.ts'

/** Called for each repository that is missing or whose project is missing, and for each URL with a former name. */
type Report = (finding: Finding) => void

interface Readers {
  readonly kind: 'readers'
  /** Name of the project. */
  readonly name: string
  readonly projectId: string
  readonly allowed: boolean
}

/** The member's own entry in an access control list. */
interface Entry {
  readonly name: string
  readonly projectId: string
  readonly secured: Secured
  readonly allowed: boolean
  readonly denied: boolean
}

interface RepositoryEntry extends Entry {
  readonly kind: 'repository'
}

interface ProjectEntry extends Entry {
  readonly kind: 'project'
  /** A group of the project already makes the project visible to the member. */
  readonly grouped: boolean
  /** Number of the member's other entries in the project that need this one; undefined: unknown. */
  readonly others: number | undefined
}

export type Place = Readers | RepositoryEntry | ProjectEntry

/** Groups of a project whose members can read its repositories. */
const READING = new Set(['projectReader', 'projectContributor', 'projectAdministrator'])

export async function projectsRead(
  repositories: readonly RepositoryUrl[],
  member: Member,
  devops: AzureDevOps,
  fresh: boolean,
  report: Report
): Promise<Place[]> {
  const groups = [...groupBy(repositories, ({ project }) => project.toLowerCase()).values()]
  const found = await mapBounded(groups, async (urls) => {
    const place = await observeProject(urls[0]?.project ?? '', member, devops, fresh)
    if (!place) {
      for (const one of urls) report(asError(projectMissing(one)))
      return []
    }
    const now = { id: place.projectId, name: place.name }
    for (const one of urls) if (isRenamed(one, now)) report(warning(projectRenamed(one, now)))
    return [place]
  })
  return found.flat()
}

function asError(facts: FindingFacts): Finding {
  return { ...facts, severity: 'error' }
}

/** The repositories, then the projects that contain them. */
export async function repositoriesRead(
  repositories: readonly RepositoryUrl[],
  member: Member,
  devops: AzureDevOps,
  fresh: boolean,
  report: Report
): Promise<Place[]> {
  const found = await repositoryPlaces(repositories, devops, report)
  const { permissions, members } = devops
  const known = fresh ? await members.membership(member) : member
  const read = await mapBounded(found, async (place): Promise<Place> => {
    const entry = await permissions.entry(place.secured, member)
    if (place.kind === 'repository') return { ...place, ...entry }
    const own = found.map(({ secured }) => secured.token.toLowerCase())
    const others = entry.allowed ? await othersIn(place.projectId, own, member, devops) : 0
    return { ...place, ...entry, grouped: known.projects.has(place.projectId.toLowerCase()), others }
  })
  return read
}

/** The places for entries, before any entry is read. */
export async function repositoryPlaces(
  repositories: readonly RepositoryUrl[],
  devops: AzureDevOps,
  report: Report = () => undefined
): Promise<(RepositoryEntry | ProjectEntry)[]> {
  const none = { allowed: false, denied: false }
  const seen = await mapBounded(repositories, async (one) => {
    const repository = await repositoryOf(one, devops)
    if (!repository) {
      report(asError(repositoryMissing(one)))
      return []
    }
    const { projectId: id, projectName: project = one.project } = repository
    if (isRenamed(one, { id, name: project })) report(warning(projectRenamed(one, { id, name: project })))
    return [{ project, name: one.repository, repository }]
  })
  const found = seen.flat()
  const projects = new Map(found.map(({ project, repository }) => [repository.projectId, project]))
  return [
    ...found.map(({ project, name, repository }): RepositoryEntry => {
      const secured = repositorySecurity(repository)
      const { projectId } = repository
      return { kind: 'repository', name: `${project}/${name}`, projectId, secured, ...none }
    }),
    ...[...projects].map(([projectId, name]): ProjectEntry => {
      const secured = projectSecurity(projectId)
      return { kind: 'project', name, projectId, secured, grouped: false, others: 0, ...none }
    })
  ]
}

/** Also where the URL has a former name of the project. */
async function repositoryOf(
  one: RepositoryUrl,
  { projects }: AzureDevOps
): Promise<DevOpsRepository | undefined> {
  const found = await projects.repository(one.project, one.repository)
  if (found) return found
  const project = await projects.project(one.project)
  return project && isRenamed(one, project)
    ? projects.repository(project.id, renamedRepository(one, project))
    : undefined
}

async function othersIn(
  projectId: string,
  own: readonly string[],
  member: Member,
  devops: AzureDevOps
): Promise<number | undefined> {
  try {
    const tokens = await devops.permissions.repositoryTokens(projectId, member)
    return tokens.filter((token) => !own.includes(token)).length
  } catch (error) {
    // A login that administers one repository may not be allowed to see the access control lists of all.
    if (error instanceof HttpProblem && error.status === 403) return undefined
    throw error
  }
}

async function observeProject(
  name: string,
  member: Member,
  devops: AzureDevOps,
  fresh: boolean
): Promise<Readers | undefined> {
  const known = fresh ? await devops.members.membership(member) : member
  for (const [id, { name: own, group }] of known.projects) {
    // The membership already names the group, so no further request is needed.
    if ([id, own?.toLowerCase()].includes(name.toLowerCase()) && READING.has(group))
      return { kind: 'readers', name: own ?? name, projectId: id, allowed: true }
  }
  const project = await devops.projects.project(name)
  if (!project) return undefined
  const group = known.projects.get(project.id.toLowerCase())?.group
  // The entitlement names the group it was assigned with; only the Graph API shows memberships made elsewhere.
  const allowed =
    (group !== undefined && READING.has(group)) ||
    (await devops.projects.isReader(project.id, member.descriptor))
  return { kind: 'readers', name: project.name, projectId: project.id, allowed }
}
