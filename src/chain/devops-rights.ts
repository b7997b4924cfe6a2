/** Which rights in Azure DevOps the writes that are due need: those of an administrator only where a member is added. */
import type { ProblemFacts } from '../core/problem.ts'
import type { Desired } from '../config/desired.ts'
import type { HopName } from '../engine/outcome.ts'
import type { Planes } from '../services/services.ts'
import { isDue, isRemovable } from './permission.ts'
import { repositoryPlaces, type Place } from './permission-places.ts'
import { NOTHING, orNotKnown, type Due, type Rights, type Standing } from './rights.ts'

export function devopsRights(
  due: readonly Due[],
  removing: boolean,
  standing: Standing,
  desired: Desired,
  planes: Planes
): Promise<Rights>[] {
  const entries = desired.access === 'repository'
  const administering = due.filter(({ hop }) => hop === 'entitlement' || (hop === 'permission' && !entries))
  const [first] = administering
  const listing = entries && due.some(({ hop }) => hop === 'permission')
  return [
    ...(first ? [members(first.hop, planes)] : []),
    ...(listing ? [lists(removing, standing, desired, planes)] : [])
  ]
}

/** The question has a spelling that only a live organization can confirm: no is a warning, the refusal of the write is final. */
function members(hop: HopName, { devops }: Planes): Promise<Rights> {
  const { organization, permissions } = devops
  const question = async (): Promise<Rights> => {
    if (await permissions.mayAdministerMembers()) return NOTHING
    const facts = {
      what: `Azure DevOps says that the login may not add members with a licence to the organization ${organization}.`,
      expected: 'a member of Project Collection Administrators',
      found: 'not a member',
      remedy: ADMINISTRATOR,
      link: 'https://learn.microsoft.com/azure/devops/organizations/security/look-up-project-collection-administrators'
    }
    return { missing: [], notes: [{ hop, facts }] }
  }
  return orNotKnown(question, hop, () => ({
    what: `Whether the login may add members to the organization ${organization} is not known, since it may not ask.`,
    remedy: `nothing has to be done if the run goes well; else ${ADMINISTRATOR}`
  }))
}

const ADMINISTRATOR =
  'Organization settings > Permissions > Project Collection Administrators > Members > Add: the application the run logs in as'

/** The access control lists that get an entry, or lose one. */
async function lists(
  removing: boolean,
  { places }: Standing,
  desired: Desired,
  planes: Planes
): Promise<Rights> {
  const all = places ?? (await repositoryPlaces(desired.repositories, planes))
  const open = all.filter((place) => place.kind !== 'readers' && (removing ? isRemovable : isDue)(place))
  const question = async (): Promise<Rights> => {
    const missing = await Promise.all(
      open.map(async (place) =>
        place.kind === 'readers' || (await planes.devops.permissions.mayManage(place.secured))
          ? []
          : [lacks(place)]
      )
    )
    return { missing: missing.flat(), notes: [] }
  }
  return orNotKnown(question, 'permission', () => ({
    what: `Whether the login may write entries on ${open.map(({ name }) => name).join(', ')} is not known, since it may not ask.`,
    remedy: 'nothing has to be done if the run goes well; else see docs/permissions/azure-devops.md'
  }))
}

function lacks({ kind, name }: Place): ProblemFacts {
  const [right, where] =
    kind === 'repository'
      ? ['Manage permissions', `Repositories > ${name} > Security`]
      : ['Edit project-level information', 'Permissions']
  return {
    what: `The login may not write the permissions of ${kind === 'project' ? 'project' : 'repository'} ${name}.`,
    expected: right,
    found: 'not allowed',
    remedy: `Project settings > ${where}: allow ${right} for the application the run logs in as`,
    link: 'https://learn.microsoft.com/azure/devops/organizations/security/permissions'
  }
}
