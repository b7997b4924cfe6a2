/** Checks the Azure DevOps rights that the due writes need: administrator rights only where a member is added. */
import { warning, type FindingFacts } from '../core/finding.ts'
import type { DesiredChain, DesiredOrganization } from '../config/desired.ts'
import type { HttpProblem } from '../http/errors.ts'
import type { Services } from '../services/services.ts'
import { isDue, isRemovable } from './permission.ts'
import { repositoryPlaces, type Place } from './permission-places.ts'
import { NOTHING, orNotKnown, type Due, type Rights, type Known } from './rights.ts'

export function devopsRights(
  due: readonly Due[],
  removing: boolean,
  known: Known,
  desired: DesiredChain,
  services: Services
): Promise<Rights>[] {
  const entries = desired.access === 'repository'
  return desired.organizations.flatMap((organization) => {
    const here = due.filter(({ of }) => of === organization.of)
    const administering = here.filter(
      ({ resource }) => resource === 'entitlement' || (resource === 'permission' && !entries)
    )
    const [first] = administering
    const listing = entries && here.some(({ resource }) => resource === 'permission')
    return [
      ...(first ? [members(first, organization.name, services)] : []),
      ...(listing ? [lists(removing, known, organization, services)] : [])
    ]
  })
}

/**
 * Only a live organization can confirm the form of this request, so a negative answer is a warning; a refused write is
 * final.
 */
function members({ resource, of }: Due, organization: string, { devops }: Services): Promise<Rights> {
  const { permissions } = devops(organization)
  const which = { resource, ...(of !== undefined && { of }) }
  const question = async (): Promise<Rights> => {
    if (await permissions.mayAdministerMembers()) return NOTHING
    const finding = warning({
      id: 'rights/azure-devops',
      summary: `Azure DevOps says that the login may not add members with a licence to the organization ${organization}.`,
      expected: 'a member of Project Collection Administrators',
      actual: 'not a member',
      remedy: ADMINISTRATOR,
      link: 'https://learn.microsoft.com/azure/devops/organizations/security/look-up-project-collection-administrators'
    })
    return { missing: [], findings: [{ ...which, finding }] }
  }
  return orNotKnown(
    question,
    which,
    () => ({
      id: 'rights/not-known',
      summary: `Whether the login may add members to the organization ${organization} is not known, since it may not ask.`,
      remedy: `nothing has to be done if the run goes well; else ${ADMINISTRATOR}`
    }),
    isNoAnswer
  )
}

/**
 * The form of the request may be wrong, so most 4xx answers say nothing. 401 and 404 are failures: nothing works
 * without the organization or without a login that it accepts.
 */
function isNoAnswer({ status }: HttpProblem): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 404
}

const ADMINISTRATOR =
  'Organization settings > Permissions > Project Collection Administrators > Members > Add: the application the run logs in as'

/** Checks the access control lists that gain or lose an entry. */
async function lists(
  removing: boolean,
  { places }: Known,
  { name: organization, of, repositories }: DesiredOrganization,
  services: Services
): Promise<Rights> {
  // Even an administrator can write entries only on repositories that the login sees.
  const absent: FindingFacts[] = []
  const devops = services.devops(organization)
  const all =
    places.get(organization) ??
    (await repositoryPlaces(repositories, devops, (one) => {
      if (one.severity === 'error') absent.push(one)
    }))
  if (absent.length > 0 && !removing) return { missing: absent, findings: [] }
  const open = all.filter((place) => place.kind !== 'readers' && (removing ? isRemovable : isDue)(place))
  const question = async (): Promise<Rights> => {
    const missing = await Promise.all(
      open.map(async (place) =>
        place.kind === 'readers' || (await devops.permissions.mayManage(place.secured)) ? [] : [lacks(place)]
      )
    )
    return { missing: missing.flat(), findings: [] }
  }
  return orNotKnown(
    question,
    { resource: 'permission', ...(of !== undefined && { of }) },
    () => ({
      id: 'rights/not-known',
      summary: `Whether the login may write entries on ${open.map(({ name }) => name).join(', ')} is not known, since it may not ask.`,
      remedy: 'nothing has to be done if the run goes well; else see docs/permissions/azure-devops.md'
    }),
    isNoAnswer
  )
}

function lacks({ kind, name }: Place): FindingFacts {
  const [right, where] =
    kind === 'repository'
      ? ['Manage permissions', `Repositories > ${name} > Security`]
      : ['Edit project-level information', 'Permissions']
  return {
    id: 'rights/azure-devops-entries',
    summary: `The login may not write the permissions of ${kind === 'project' ? 'project' : 'repository'} ${name}.`,
    expected: right,
    actual: 'not allowed',
    remedy: `Project settings > ${where}: allow ${right} for the application the run logs in as`,
    link: 'https://learn.microsoft.com/azure/devops/organizations/security/permissions'
  }
}
