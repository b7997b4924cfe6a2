/** The graph: service principals, descriptors, groups, memberships. Pages may be empty although more follow. */
import type { Answer, Call, Route } from '../wire.ts'
import type { DevOpsContext } from './devops-context.ts'
import { devopsError, digestOf, graphDescriptorOf, mayAt, PROJECT, projectToken } from './devops-context.ts'
import type { Member, Organization } from './organization.ts'
import { legacyDescriptorOf } from './state.ts'

const ADMINISTRATORS = 'Project Collection Administrators'

/** Who and what there is in one organization. */
function graphOf(organization: Organization, context: DevOpsContext) {
  const { name, members, projects, tenant, administrators } = organization
  const member = (descriptor: string | undefined): Member | undefined =>
    members.find((one) => one.descriptor === descriptor)
  const principal = ({ principalId, descriptor }: Member): unknown => {
    const known = context.directory.byPrincipalId(principalId)
    return {
      subjectKind: 'servicePrincipal',
      applicationId: known?.clientId,
      directoryAlias: principalId,
      domain: tenant,
      principalName: principalId,
      mailAddress: null,
      origin: 'aad',
      originId: principalId,
      displayName: known?.displayName ?? principalId,
      url: `${context.urls.graph}/${name}/_apis/Graph/ServicePrincipals/${descriptor}`,
      descriptor
    }
  }
  const scopeOf = (projectId: string): string => `scp.${Buffer.from(projectId).toString('base64url')}`
  const ofOrganization = () => ({
    members: administrators,
    scope: undefined,
    resource: {
      subjectKind: 'group',
      domain: `vstfs:///Framework/IdentityDomain/${storageKeyOf(name, 'domain')}`,
      principalName: `[${name}]\\${ADMINISTRATORS}`,
      mailAddress: null,
      origin: 'vsts',
      originId: storageKeyOf(name, ADMINISTRATORS),
      displayName: ADMINISTRATORS,
      descriptor: graphDescriptorOf(name, ADMINISTRATORS)
    }
  })
  const groups = () => [
    ...projects.flatMap((project) =>
      [...project.groups].map(([title, own]) => ({
        members: own,
        scope: scopeOf(project.id),
        resource: {
          subjectKind: 'group',
          domain: `vstfs:///Classification/TeamProject/${project.id}`,
          principalName: `[${project.name}]\\${title}`,
          mailAddress: null,
          origin: 'vsts',
          originId: storageKeyOf(project.id, title),
          displayName: title,
          descriptor: graphDescriptorOf(project.id, title)
        }
      }))
    ),
    ofOrganization()
  ]
  const group = (descriptor: string | undefined) =>
    groups().find(({ resource }) => resource.descriptor === descriptor)
  /** Its identity within Azure DevOps, where services name it by an id or by a legacy descriptor. */
  const identities = () => [
    ...members.map(({ entitlementId, principalId, descriptor }) => ({
      id: entitlementId,
      descriptor: legacyDescriptorOf(principalId, tenant),
      subjectDescriptor: descriptor,
      // Looked up where it is asked for: among many members, that of each takes long.
      get providerDisplayName() {
        return context.directory.byPrincipalId(principalId)?.displayName ?? principalId
      },
      isActive: true
    })),
    ...groups().map(({ resource: { originId, descriptor, principalName } }) => ({
      id: originId,
      descriptor: `Microsoft.TeamFoundation.Identity;${Buffer.from(descriptor.slice(6), 'base64url').toString()}`,
      subjectDescriptor: descriptor,
      providerDisplayName: principalName,
      isActive: true,
      isContainer: true
    }))
  ]
  const membership = (call: Call): { member: Member; members: Set<string> } | undefined => {
    const found = member(call.params['subject'])
    const container = group(call.params['container'])
    return found && container && { member: found, members: container.members }
  }
  /** Administrators of the organization change every group, those of a project the groups of the project. */
  const mayChange = async (call: Call): Promise<boolean> => {
    const caller = await context.callerOf(call)
    const { scope } = group(call.params['container']) ?? {}
    const project = projects.find(({ id }) => scopeOf(id) === scope)
    return (
      organization.administers(caller) ||
      (project !== undefined && mayAt(organization, caller, projectToken(project), PROJECT.manage))
    )
  }
  return { members, principal, member, group, groups, identities, membership, scopeOf, mayChange }
}

export function graphRoutes(context: DevOpsContext): Route[] {
  const missing: Answer = {
    status: 404,
    body: devopsError('GraphSubjectNotFoundException', 'VS860018: The graph subject was not found.')
  }
  const refused: Answer = {
    status: 403,
    body: devopsError('AccessCheckException', 'Access Denied: the caller may not edit the group.')
  }
  const of = '/:org/_apis/graph'
  const within = (handler: (call: Call, here: ReturnType<typeof graphOf>) => Answer | Promise<Answer>) =>
    context.guarded((call) => handler(call, graphOf(context.organization(call), context)))
  return [
    [
      'GET',
      `${of}/serviceprincipals`,
      within((_call, { members, principal }) => ({
        status: 200,
        body: { count: members.length, value: members.map(principal) }
      }))
    ],
    [
      'GET',
      `${of}/serviceprincipals/:descriptor`,
      within(({ params }, { member, principal }) => {
        const found = member(params['descriptor'])
        return found ? { status: 200, body: principal(found) } : missing
      })
    ],
    [
      'GET',
      `${of}/storagekeys/:descriptor`,
      within(({ params }, { identities }) => {
        const found = identities().find((one) => one.subjectDescriptor === params['descriptor'])
        return found ? { status: 200, body: { value: found.id } } : missing
      })
    ],
    [
      'GET',
      `${of}/descriptors/:key`,
      within((call, { identities, scopeOf }) => {
        const { params } = call
        const project = context.organization(call).project(params['key'] ?? '')
        const own = identities().find(({ id }) => id === params['key']?.toLowerCase())
        if (project) return { status: 200, body: { value: scopeOf(project.id) } }
        return own ? { status: 200, body: { value: own.subjectDescriptor } } : missing
      })
    ],
    [
      'GET',
      `${of}/groups`,
      within((call, { groups }) => {
        const scope = call.url.searchParams.get('scopeDescriptor')
        return paged(
          call,
          groups()
            .filter((one) => scope === null || one.scope === scope)
            .map(({ resource }) => resource)
        )
      })
    ],
    [
      'GET',
      `${of}/groups/:descriptor`,
      within(({ params }, { group }) => {
        const found = group(params['descriptor'])
        return found ? { status: 200, body: found.resource } : missing
      })
    ],
    [
      'GET',
      `${of}/membershipstates/:subject`,
      within(({ params }, { identities }) => {
        const found = identities().find((one) => one.subjectDescriptor === params['subject'])
        return found ? { status: 200, body: { active: found.isActive } } : missing
      })
    ],
    // Direct ones only: `up` (the default) to the groups of a subject, `down` to the members of a group.
    [
      'GET',
      `${of}/memberships/:subject`,
      within(({ params, url }, { identities, groups, group }) => {
        const subject = params['subject'] ?? ''
        if (!identities().some((one) => one.subjectDescriptor === subject)) return missing
        const down = url.searchParams.get('direction')?.toLowerCase() === 'down'
        const value = down
          ? [...(group(subject)?.members ?? [])].map((one) => membershipOf(one, subject))
          : groups()
              .filter(({ members }) => members.has(subject))
              .map(({ resource }) => membershipOf(subject, resource.descriptor))
        return { status: 200, body: { count: value.length, value } }
      })
    ],
    [
      'GET',
      `${of}/memberships/:subject/:container`,
      within((call, { membership }) => {
        const found = membership(call)
        return found?.members.has(found.member.descriptor)
          ? { status: 200, body: membershipOf(found.member.descriptor, call.params['container'] ?? '') }
          : missing
      })
    ],
    [
      'HEAD',
      `${of}/memberships/:subject/:container`,
      within((call, { membership }) => {
        const found = membership(call)
        return { status: found?.members.has(found.member.descriptor) ? 200 : 404 }
      })
    ],
    [
      'PUT',
      `${of}/memberships/:subject/:container`,
      within(async (call, { membership, mayChange }) => {
        const found = membership(call)
        if (!found) return missing
        if (!(await mayChange(call))) return refused
        found.members.add(found.member.descriptor)
        return {
          status: 201,
          body: membershipOf(found.member.descriptor, call.params['container'] ?? '')
        }
      })
    ],
    [
      'DELETE',
      `${of}/memberships/:subject/:container`,
      within(async (call, { membership, mayChange }) => {
        const found = membership(call)
        if (found && !(await mayChange(call))) return refused
        return { status: found?.members.delete(found.member.descriptor) ? 200 : 404 }
      })
    ],
    [
      'GET',
      '/:org/_apis/identities',
      within(({ url }, { identities }) => {
        const among = (name: string): string[] => url.searchParams.get(name)?.split(',') ?? []
        const [subjects, descriptors, ids] = ['subjectDescriptors', 'descriptors', 'identityIds'].map(among)
        const value = identities().filter(
          (one) =>
            subjects?.includes(one.subjectDescriptor) === true ||
            descriptors?.includes(one.descriptor) === true ||
            ids?.includes(one.id) === true
        )
        return { status: 200, body: { count: value.length, value } }
      })
    ],
    [
      'GET',
      '/:org/_apis/identities/:id',
      within(({ params }, { identities }) => {
        const found = identities().find(({ id }) => id === params['id']?.toLowerCase())
        const message = `TF14045: The identity with TeamFoundationId ${params['id'] ?? ''} could not be found.`
        return found
          ? { status: 200, body: found }
          : { status: 404, body: devopsError('IdentityNotFoundException', message) }
      })
    ]
  ]
}

/** First page empty, then everything: the documented defect of the service. */
function paged({ url }: Call, all: readonly unknown[]): Answer {
  const token = url.searchParams.get('continuationToken')
  const body = token === null ? { count: 0, value: [] } : { count: all.length, value: all }
  return token === null
    ? { status: 200, headers: { 'x-ms-continuationtoken': 'page2' }, body }
    : { status: 200, body }
}

function membershipOf(memberDescriptor: string, containerDescriptor: string): unknown {
  return { containerDescriptor, memberDescriptor }
}

/** A group's id outside of the graph: deterministic. */
function storageKeyOf(projectId: string, name: string): string {
  return digestOf(projectId, name).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
