/** The member may read: the whole project as one of its Readers, or only the named repositories. */
import type { Member } from '../services/azure-devops/members.ts'
import type { DevOpsRepository } from '../services/azure-devops/projects.ts'
import type { Services } from '../services/services.ts'
import { mapBounded } from '../core/concurrency.ts'
import type { Finding, FindingFacts } from '../core/finding.ts'
import type { RepositoryUrl } from '../config/repository-url.ts'
import type { ChainResource } from './resource.ts'
import type { Difference } from '../engine/outcome.ts'
import { identityServesOthers } from './dependents.ts'
import { projectMissing, repositoryMissing } from './repositories.ts'

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

interface State {
  readonly places: readonly Place[]
  /** Of each repository that is not there, or whose project is not. */
  readonly missing: readonly FindingFacts[]
}

/** Groups of a project whose members read its repositories. */
const READING = new Set(['projectReader', 'projectContributor', 'projectAdministrator'])

export const permission: ChainResource<Spec, State, readonly Place[]> = {
  kind: 'permission',

  async read(spec, services, { fresh }) {
    const found: (Place | readonly FindingFacts[])[] =
      spec.access === 'repository'
        ? await mapBounded(spec.repositories, (one) => observeRepository(one, spec.member, services))
        : await mapBounded(byProject(spec.repositories), (group) =>
            observeProject(group, spec.member, services, fresh)
          )
    return {
      places: found.filter((one) => 'projectId' in one),
      missing: found.flatMap((one) => ('projectId' in one ? [] : one))
    }
  },

  assess: ({ member }, { places, missing }) => ({
    exists: places.some(({ allowed }) => allowed),
    differences: places.flatMap(differences),
    findings: missing.map((facts): Finding => ({ ...facts, severity: 'error' })),
    output: places,
    summary: places
      .map(({ name, repository }) => `${repository ? 'Read on' : 'reads project'} ${name}`)
      .join(', '),
    dependents: {
      projects: [...member.projects.keys()].filter(
        (id) => !places.some(({ projectId }) => projectId.toLowerCase() === id)
      )
    }
  }),

  async apply({ member }, { places }, { devops }) {
    for (const { repository, projectId } of places.filter(({ allowed }) => !allowed)) {
      if (repository) await devops.permissions.allowRepositoryRead(repository, member)
      else await devops.members.addReader(member.entitlementId, projectId)
    }
  },

  planDelete(_spec, { places }, dependents) {
    const given = places.filter(({ allowed }) => allowed)
    if (given.length === 0) return undefined
    const what = given
      .map(({ name, repository }) => `${repository ? 'Read on' : 'Readers of'} ${name}`)
      .join(', ')
    const retain = identityServesOthers(dependents)
    return retain === undefined ? { what } : { what, retain }
  },

  async delete({ member }, { places }, { devops }) {
    for (const { repository, projectId } of places.filter(({ allowed }) => allowed)) {
      if (repository) await devops.permissions.removeRepositoryRead(repository, member)
      else await devops.members.removeFromProject(member.entitlementId, projectId)
    }
  }
}

/** The URLs of each project together. */
function byProject(repositories: readonly RepositoryUrl[]): RepositoryUrl[][] {
  return [...Map.groupBy(repositories, ({ project }) => project.toLowerCase()).values()]
}

/** @returns what is missing, of each URL, where there is no such project */
async function observeProject(
  urls: readonly RepositoryUrl[],
  member: Member,
  { devops }: Services,
  fresh: boolean
): Promise<Place | FindingFacts[]> {
  const name = urls[0]?.project ?? ''
  const known = fresh ? await devops.members.membership(member) : member
  for (const [id, { name: own, group }] of known.projects) {
    // What the membership itself says needs no further question.
    if ([id, own?.toLowerCase()].includes(name.toLowerCase()) && READING.has(group))
      return { name: own ?? name, projectId: id, repository: undefined, allowed: true, denied: false }
  }
  const project = await devops.projects.project(name)
  if (!project) return urls.map((one) => projectMissing(one, devops.organization))
  const group = known.projects.get(project.id.toLowerCase())?.group
  // The entitlement names the group it was given with; a membership made elsewhere shows in the graph only.
  const allowed =
    (group !== undefined && READING.has(group)) ||
    (await devops.projects.isReader(project.id, member.descriptor))
  return { name: project.name, projectId: project.id, repository: undefined, allowed, denied: false }
}

async function observeRepository(
  url: RepositoryUrl,
  member: Member,
  { devops }: Services
): Promise<Place | FindingFacts[]> {
  const { project, repository: name } = url
  const repository = await devops.projects.repository(project, name)
  if (!repository) return [repositoryMissing(url)]
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
