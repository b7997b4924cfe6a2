/**
 * Which group denies. The list of a member shows that a group denies, but not which one; so the entries of all are
 * looked at, and who of them the member belongs to, through groups of groups as well.
 *
 * Sources: learn.microsoft.com, Azure DevOps REST: Security/Access Control Lists, IMS/Identities, Graph/Memberships
 * (which shows direct ones only).
 */
import type * as z from 'zod/mini'
import { orAbsent, understood } from '../../http/request.ts'
import type { Organization } from './client.ts'
import type { Member } from './members.ts'
import type { Denial, Secured } from './secured.ts'
import { aceShape, aclShape, deniedShape, isDescriptor, list, membershipShape } from './shapes.ts'

/** Groups whose memberships are asked for, and groups that deny. */
const MOST = 40
/** An access control list names subjects by such descriptors, e.g. Microsoft.TeamFoundation.Identity;S-1-9-…. */
const LEGACY = /^[\w.]{1,100};[^\s,]{1,300}$/

/**
 * @returns the groups of the member that are denied Read at one of the places; where none of them is known as its
 *   group, all that are denied
 */
export async function denyingGroups(
  organization: Organization,
  places: readonly Secured[],
  { descriptor }: Member
): Promise<Denial[]> {
  const { graph } = await organization.places()
  // The root is for administrators; the others may be readable all the same.
  const lists = await Promise.allSettled(places.map((place) => deniedAt(organization, place)))
  const [refused] = lists.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []))
  if (refused && lists.every(({ status }) => status === 'rejected')) throw refused
  const denied = lists.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])).slice(0, MOST)
  if (denied.length === 0) return []
  const query = denied.map(({ legacy }) => encodeURIComponent(legacy)).join(',')
  const request = organization.get(`${graph}/_apis/identities?descriptors=${query}&api-version=7.1`)
  const [known, own] = await Promise.all([
    organization.send(request).then((reply) => understood(list(deniedShape), reply, request).value),
    groupsAbove(organization, graph, descriptor)
  ])
  const found = denied.flatMap(({ legacy, secured: { namespace, token, read: bit } }): Denial[] => {
    const group = known.find((one) => one.descriptor.toLowerCase() === legacy.toLowerCase())
    // The member's own entry is another finding.
    if (!group || group.subjectDescriptor === descriptor) return []
    const { providerDisplayName: name = legacy, subjectDescriptor } = group
    return [{ group: name, descriptor: subjectDescriptor, namespace, token, bit }]
  })
  const mine = found.filter((one) => own.has(one.descriptor ?? ''))
  return mine.length > 0 ? mine : found
}

async function deniedAt(
  organization: Organization,
  secured: Secured
): Promise<{ legacy: string; secured: Secured }[]> {
  const { namespace, token, read } = secured
  const search = new URLSearchParams({ token, recurse: 'false', 'api-version': '7.1' }).toString()
  const request = organization.get(`${organization.url}/_apis/accesscontrollists/${namespace}?${search}`)
  const { value } = understood(list(aclShape), await organization.send(request), request)
  return value.flatMap(({ acesDictionary }) =>
    Object.entries(acesDictionary ?? {}).flatMap(([legacy, entry]) => {
      const { data } = aceShape.safeParse(entry)
      const denies = ((data?.deny ?? 0) & read) !== 0 && LEGACY.test(legacy)
      return denies ? [{ legacy, secured }] : []
    })
  )
}

/** Descriptors of all groups that the member is in, level by level. */
async function groupsAbove(organization: Organization, graph: string, member: string): Promise<Set<string>> {
  const found = new Set<string>()
  for (let level = [member]; level.length > 0 && found.size < MOST;) {
    const above = await Promise.all(level.map((one) => directGroups(organization, graph, one)))
    level = above.flat().filter((one) => !found.has(one) && isDescriptor(one))
    for (const one of level) found.add(one)
  }
  return found
}

async function directGroups(organization: Organization, graph: string, subject: string): Promise<string[]> {
  const request = organization.get(
    `${graph}/_apis/graph/memberships/${subject}?direction=up&api-version=7.1-preview.1`
  )
  const reply = await orAbsent(organization.send(request))
  if (!reply) return []
  const { value }: { value: z.infer<typeof membershipShape>[] } = understood(
    list(membershipShape),
    reply,
    request
  )
  return value.slice(0, MOST).map(({ containerDescriptor }) => containerDescriptor)
}
