/** The member may read: the whole project as one of its Readers, or only the named repositories. */
import type { Member } from '../services/azure-devops/members.ts'
import type { DevOpsRepository } from '../services/azure-devops/projects.ts'
import type { Planes } from '../services/services.ts'
import { mapBounded } from '../core/concurrency.ts'
import { Problem } from '../core/problem.ts'
import type { RepositoryUrl } from '../config/repository-url.ts'
import type { ChainHop } from './resource.ts'
import type { Change } from '../engine/outcome.ts'
import { identityServesOthers } from '../engine/dependents.ts'

interface Want {
  readonly member: Member
  readonly access: 'project-readers' | 'repository'
  readonly repositories: readonly RepositoryUrl[]
}

/** One project, or one repository, and whether the member reads it. */
interface Place {
  readonly name: string
  readonly projectId: string
  readonly repository: DevOpsRepository | undefined
  readonly allowed: boolean
  readonly denied: boolean
}

/** Groups of a project whose members read its repositories. */
const READING = new Set(['projectReader', 'projectContributor', 'projectAdministrator'])

export const permission: ChainHop<Want, readonly Place[], readonly Place[]> = {
  name: 'permission',

  observe: (want, planes, fresh) =>
    want.access === 'repository'
      ? mapBounded(want.repositories, (one) => observeRepository(one, want.member, planes))
      : mapBounded(projectsOf(want.repositories), (name) => observeProject(name, want.member, planes, fresh)),

  exists: (seen) => seen.some(({ allowed }) => allowed),
  compare: (_want, seen) => seen.flatMap(differences),
  given: (_want, seen) => seen,
  summary: (places) =>
    places.map(({ name, repository }) => `${repository ? 'Read on' : 'reads project'} ${name}`).join(', '),

  async apply({ member }, seen, { devops }) {
    for (const { repository, projectId } of seen.filter(({ allowed }) => !allowed)) {
      if (repository) await devops.permissions.allowRepositoryRead(repository, member)
      else await devops.members.addReader(member.entitlementId, projectId)
    }
  },

  others: ({ member }, seen) => ({
    projects: [...member.projects.keys()].filter(
      (id) => !seen.some(({ projectId }) => projectId.toLowerCase() === id)
    )
  }),

  belonging(_want, seen, others) {
    const given = seen.filter(({ allowed }) => allowed)
    if (given.length === 0) return undefined
    const what = given
      .map(({ name, repository }) => `${repository ? 'Read on' : 'Readers of'} ${name}`)
      .join(', ')
    const keep = identityServesOthers(others)
    return keep === undefined ? { what } : { what, keep }
  },

  async remove({ member }, seen, { devops }) {
    for (const { repository, projectId } of seen.filter(({ allowed }) => allowed)) {
      if (repository) await devops.permissions.removeRepositoryRead(repository, member)
      else await devops.members.removeFromProject(member.entitlementId, projectId)
    }
  }
}

/** The projects of the URLs, each once. */
function projectsOf(repositories: readonly RepositoryUrl[]): string[] {
  return [...new Map(repositories.map(({ project }) => [project.toLowerCase(), project])).values()]
}

async function observeProject(
  name: string,
  member: Member,
  { devops }: Planes,
  fresh: boolean
): Promise<Place> {
  const known = fresh ? await devops.members.membership(member) : member
  for (const [id, { name: own, group }] of known.projects) {
    // What the membership itself says needs no further question.
    if ([id, own?.toLowerCase()].includes(name.toLowerCase()) && READING.has(group))
      return { name: own ?? name, projectId: id, repository: undefined, allowed: true, denied: false }
  }
  const project = await devops.projects.project(name)
  if (!project) {
    throw new Problem({
      what: `There is no project ${name} in ${devops.organization} that the login can see.`,
      remedy: 'correct repository-url, or make the application the run logs in as a member of the project'
    })
  }
  const group = known.projects.get(project.id.toLowerCase())?.group
  // The entitlement names the group it was given with; a membership made elsewhere shows in the graph only.
  const allowed =
    (group !== undefined && READING.has(group)) ||
    (await devops.projects.isReader(project.id, member.descriptor))
  return { name: project.name, projectId: project.id, repository: undefined, allowed, denied: false }
}

async function observeRepository(
  { project, repository: name }: RepositoryUrl,
  member: Member,
  { devops }: Planes
): Promise<Place> {
  const repository = await devops.projects.repository(project, name)
  if (!repository) {
    throw new Problem({
      what: `There is no repository ${name} in project ${project} that the login can see.`,
      remedy: 'correct repository-url, or give the application the run logs in as Read on the repository'
    })
  }
  const read = await devops.permissions.repositoryRead(repository, member)
  return { name: `${project}/${name}`, projectId: repository.projectId, repository, ...read }
}

function differences({ name, repository, allowed, denied }: Place): Change[] {
  const field = repository ? `Read on ${name}` : `Readers of ${name}`
  if (denied) {
    const what = `Read on ${name} is denied to the identity itself; a deny beats every allow.`
    const remedy = `remove the Deny under Project settings > Repositories > ${name} > Security`
    return [{ field, expected: 'allow', found: 'deny', blocked: { what, remedy } }]
  }
  return allowed ? [] : [{ field, expected: repository ? 'allow' : 'member', found: undefined }]
}
