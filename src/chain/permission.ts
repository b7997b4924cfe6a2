/** The member may read: the whole project as one of its Readers, or only the named repositories. */
import type { Member } from '../services/azure-devops/members.ts'
import type { RepositoryUrl } from '../config/repository-url.ts'
import type { ChainHop } from './resource.ts'
import type { Change } from '../engine/outcome.ts'
import { identityServesOthers } from '../engine/dependents.ts'
import { projectsRead, repositoriesRead, type Place } from './permission-places.ts'

interface Want {
  readonly member: Member
  readonly access: 'project-readers' | 'repository'
  readonly repositories: readonly RepositoryUrl[]
}

export const permission: ChainHop<Want, readonly Place[], readonly Place[]> = {
  name: 'permission',

  observe: ({ access, repositories, member }, planes, fresh) =>
    (access === 'repository' ? repositoriesRead : projectsRead)(repositories, member, planes, fresh),

  exists: (seen) => seen.some(({ allowed }) => allowed),
  compare: (_want, seen) => seen.flatMap(differences),
  given: (_want, seen) => seen,
  summary: (places) => places.flatMap(({ kind, name }) => SUMMARY[kind](name)).join(', '),

  async apply({ member }, seen, { devops }) {
    for (const place of seen.filter(isDue)) {
      if (place.kind === 'readers') await devops.members.addReader(member.entitlementId, place.projectId)
      else await devops.permissions.allowRead(place.secured, member)
    }
  },

  others: ({ member }, seen) => ({
    projects: [...member.projects.keys()].filter(
      (id) => !seen.some(({ projectId }) => projectId.toLowerCase() === id)
    )
  }),

  belonging(_want, seen, others) {
    const given = seen.filter(isRemovable)
    const staying = seen.filter((place) => place.allowed && !isRemovable(place))
    const what = (given.length > 0 ? given : staying).map(fieldOf).join(', ')
    if (what === '') return undefined
    const keep = identityServesOthers(others)
    if (keep !== undefined) return { what, keep }
    if (staying.length === 0) return { what }
    return given.length > 0
      ? { what, left: staying.map((place) => `${fieldOf(place)}: ${reasonToStay(place)}`).join('; ') }
      : { what, keep: staying.map(reasonToStay).join('; ') }
  },

  async remove({ member }, seen, { devops }) {
    for (const place of seen.filter(isRemovable)) {
      if (place.kind === 'readers')
        await devops.members.removeFromProject(member.entitlementId, place.projectId)
      else await devops.permissions.removeRead(place.secured, member)
    }
  }
}

const SUMMARY: Readonly<Record<Place['kind'], (name: string) => string[]>> = {
  readers: (name) => [`reads project ${name}`],
  repository: (name) => [`Read on ${name}`],
  project: () => []
}

/** Whether apply has something to write here. */
export function isDue(place: Place): boolean {
  return !place.allowed && !(place.kind === 'project' && place.grouped)
}

/** Whether remove has something to take away here: the project shows as long as one of its repositories is read. */
export function isRemovable(place: Place): boolean {
  return place.allowed && (place.kind !== 'project' || place.others === 0)
}

function reasonToStay(place: Place): string {
  const count = place.kind === 'project' ? place.others : 0
  return count === undefined
    ? 'the login may not see whether the member reads other repositories of the project'
    : `the member reads ${count} other ${count === 1 ? 'repository' : 'repositories'} of the project`
}

function fieldOf({ kind, name }: Place): string {
  if (kind === 'readers') return `Readers of ${name}`
  return kind === 'repository' ? `Read on ${name}` : `View project-level information of ${name}`
}

function differences(place: Place): Change[] {
  const field = fieldOf(place)
  if (place.kind !== 'readers' && place.denied) {
    const what = `${field} is denied to the identity itself; a deny beats every allow.`
    const where = place.kind === 'project' ? 'Permissions' : `Repositories > ${place.name} > Security`
    const remedy = `remove the Deny under Project settings > ${where}`
    return [{ field, expected: 'allow', found: 'deny', blocked: { what, remedy } }]
  }
  if (!isDue(place)) return []
  return [{ field, expected: place.kind === 'readers' ? 'member' : 'allow', found: undefined }]
}
