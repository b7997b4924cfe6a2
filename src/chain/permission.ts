/** The member may read: the whole project as one of its Readers, or only the named repositories. */
import type { Member } from '../services/azure-devops/members.ts'
import type { DevOpsRepository } from '../services/azure-devops/projects.ts'
import type { Services } from '../services/services.ts'
import { mapBounded } from '../core/concurrency.ts'
import { Problem } from '../core/finding.ts'
import type { RepositoryUrl } from '../config/repository-url.ts'
import type { ChainResource } from './resource.ts'
import type { Difference } from '../engine/outcome.ts'
import { identityServesOthers } from './dependents.ts'
import { input } from '../core/input-name.ts'

interface Spec {
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

export const permission: ChainResource<Spec, readonly Place[], readonly Place[]> = {
  kind: 'permission',

  read: (spec, services, { fresh }) =>
    spec.access === 'repository'
      ? mapBounded(spec.repositories, (one) => observeRepository(one, spec.member, services))
      : mapBounded(projectsOf(spec.repositories), (name) =>
          observeProject(name, spec.member, services, fresh)
        ),

  assess: ({ member }, state) => ({
    exists: state.some(({ allowed }) => allowed),
    differences: state.flatMap(differences),
    output: state,
    summary: state
      .map(({ name, repository }) => `${repository ? 'Read on' : 'reads project'} ${name}`)
      .join(', '),
    dependents: {
      projects: [...member.projects.keys()].filter(
        (id) => !state.some(({ projectId }) => projectId.toLowerCase() === id)
      )
    }
  }),

  async apply({ member }, state, { devops }) {
    for (const { repository, projectId } of state.filter(({ allowed }) => !allowed)) {
      if (repository) await devops.permissions.allowRepositoryRead(repository, member)
      else await devops.members.addReader(member.entitlementId, projectId)
    }
  },

  planDelete(_spec, state, dependents) {
    const given = state.filter(({ allowed }) => allowed)
    if (given.length === 0) return undefined
    const what = given
      .map(({ name, repository }) => `${repository ? 'Read on' : 'Readers of'} ${name}`)
      .join(', ')
    const retain = identityServesOthers(dependents)
    return retain === undefined ? { what } : { what, retain }
  },

  async delete({ member }, state, { devops }) {
    for (const { repository, projectId } of state.filter(({ allowed }) => allowed)) {
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
  { devops }: Services,
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
      id: 'permission/project-missing',
      summary: `There is no project ${name} in ${devops.organization} that the login can see.`,
      remedy: `correct ${input('repository-url')}, or make the application the run logs in as a member of the project`
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
  { devops }: Services
): Promise<Place> {
  const repository = await devops.projects.repository(project, name)
  if (!repository) {
    throw new Problem({
      id: 'permission/repository-missing',
      summary: `There is no repository ${name} in project ${project} that the login can see.`,
      remedy: `correct ${input('repository-url')}, or give the application the run logs in as Read on the repository`
    })
  }
  const read = await devops.permissions.repositoryRead(repository, member)
  return { name: `${project}/${name}`, projectId: repository.projectId, repository, ...read }
}

function differences({ name, repository, allowed, denied }: Place): Difference[] {
  const field = repository ? `Read on ${name}` : `Readers of ${name}`
  if (denied) {
    const summary = `Read on ${name} is denied to the identity itself; a deny beats every allow.`
    const remedy = `remove the Deny under Project settings > Repositories > ${name} > Security`
    return [
      {
        field,
        expected: 'allow',
        actual: 'deny',
        blocked: { id: 'permission/denied', summary, remedy }
      }
    ]
  }
  return allowed ? [] : [{ field, expected: repository ? 'allow' : 'member', actual: undefined }]
}
