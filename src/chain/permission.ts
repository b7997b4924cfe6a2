/** The member can read the whole project as one of its Readers, or only the named repositories. */
import type { Member } from '../services/azure-devops/members.ts'
import type { Finding } from '../core/finding.ts'
import type { RepositoryUrl } from '../config/repository-url.ts'
import type { ChainResource } from './resource.ts'
import type { Difference } from '../engine/outcome.ts'
import { identityServesOthers } from './dependents.ts'
import { projectsRead, repositoriesRead, type Place } from './permission-places.ts'

interface Spec {
  readonly organization: string
  readonly member: Member
  readonly access: 'project-readers' | 'repository'
  readonly repositories: readonly RepositoryUrl[]
}

interface State {
  readonly places: readonly Place[]
  /** About each repository that is missing or whose project is missing, and each URL with a former name. */
  readonly findings: readonly Finding[]
}

export const permission: ChainResource<Spec, State, readonly Place[]> = {
  kind: 'permission',

  async read({ organization, access, repositories, member }, services, { fresh }) {
    const findings: Finding[] = []
    const read = access === 'repository' ? repositoriesRead : projectsRead
    const devops = services.devops(organization)
    const places = await read(repositories, member, devops, fresh, (finding) => findings.push(finding))
    return { places, findings }
  },

  assess: ({ organization, member }, { places: state, findings }) => ({
    findings,
    exists: state.some(({ allowed }) => allowed),
    differences: state.flatMap(differencesOf),
    output: state,
    summary: state.flatMap(({ kind, name }) => SUMMARY[kind](name)).join(', '),
    dependents: {
      projects: {
        [organization]: [...member.projects.keys()].filter(
          (id) => !state.some(({ projectId }) => projectId.toLowerCase() === id)
        )
      }
    }
  }),

  async apply({ organization, member }, { places: state }, services) {
    const devops = services.devops(organization)
    for (const place of state.filter(isDue)) {
      if (place.kind === 'readers') await devops.members.addReader(member.entitlementId, place.projectId)
      else await devops.permissions.allowRead(place.secured, member)
    }
  },

  planDelete(_spec, { places: state }, dependents) {
    const given = state.filter(isRemovable)
    const staying = state.filter((place) => place.allowed && !isRemovable(place))
    const what = (given.length > 0 ? given : staying).map(fieldOf).join(', ')
    if (what === '') return undefined
    const retain = identityServesOthers(dependents)
    if (retain !== undefined) return { what, retain }
    if (staying.length === 0) return { what }
    return given.length > 0
      ? { what, left: staying.map((place) => `${fieldOf(place)}: ${reasonToStay(place)}`).join('; ') }
      : { what, retain: staying.map(reasonToStay).join('; ') }
  },

  async delete({ organization, member }, { places: state }, services) {
    const devops = services.devops(organization)
    for (const place of state.filter(isRemovable)) {
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

/** Whether apply writes here. */
export function isDue(place: Place): boolean {
  return !place.allowed && !(place.kind === 'project' && place.grouped)
}

/** Whether remove deletes the entry here: the project stays visible while the member reads one of its repositories. */
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

function differencesOf(place: Place): Difference[] {
  const field = fieldOf(place)
  if (place.kind !== 'readers' && place.denied) {
    const summary = `${field} is denied to the identity itself; a deny beats every allow.`
    const where = place.kind === 'project' ? 'Permissions' : `Repositories > ${place.name} > Security`
    const remedy = `remove the Deny under Project settings > ${where}`
    return [
      { field, expected: 'allow', actual: 'deny', blocked: { id: 'permission/denied', summary, remedy } }
    ]
  }
  if (!isDue(place)) return []
  return [{ field, expected: place.kind === 'readers' ? 'member' : 'allow', actual: undefined }]
}
