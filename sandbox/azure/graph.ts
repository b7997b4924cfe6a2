/** The graph: service principals, descriptors, groups, memberships. Pages may be empty although more follow. */
import type { Answer, Call, Route } from '../wire.ts'
import type { DevOpsContext } from './devops-context.ts'
import { devopsError } from './devops-context.ts'
import { IDS, legacyDescriptorOf, type Member } from './state.ts'

export function graphRoutes(context: DevOpsContext): Route[] {
  const { guarded, state } = context
  const member = (descriptor: string | undefined): Member | undefined =>
    state().members.find((one) => one.descriptor === descriptor)
  const principal = ({ principalId, descriptor }: Member): unknown => {
    const known = context.directory.byPrincipalId(principalId)
    return {
      subjectKind: 'servicePrincipal',
      applicationId: known?.clientId,
      directoryAlias: principalId,
      domain: IDS.tenantId,
      principalName: principalId,
      mailAddress: null,
      origin: 'aad',
      originId: principalId,
      displayName: known?.displayName ?? principalId,
      url: `${context.urls.graph}/${IDS.organization}/_apis/Graph/ServicePrincipals/${descriptor}`,
      descriptor
    }
  }
  const scopeOf = (projectId: string): string => `scp.${Buffer.from(projectId).toString('base64url')}`
  const groups = () =>
    state().projects.flatMap((project) =>
      [...project.groups].map(([name, members]) => ({
        members,
        scope: scopeOf(project.id),
        resource: {
          subjectKind: 'group',
          domain: `vstfs:///Classification/TeamProject/${project.id}`,
          principalName: `[${project.name}]\\${name}`,
          mailAddress: null,
          origin: 'vsts',
          displayName: name,
          descriptor: `vssgp.${Buffer.from(`${project.id} ${name}`).toString('base64url')}`
        }
      }))
    )
  /** First page empty, then everything: the documented defect of the service. */
  const paged = ({ url }: Call, all: readonly unknown[]): Answer => {
    const token = url.searchParams.get('continuationToken')
    const body = token === null ? { count: 0, value: [] } : { count: all.length, value: all }
    return token === null
      ? { status: 200, headers: { 'x-ms-continuationtoken': 'page2' }, body }
      : { status: 200, body }
  }
  const membership = (call: Call): { member: Member; members: Set<string> } | undefined => {
    const found = member(call.params['subject'])
    const group = groups().find(({ resource }) => resource.descriptor === call.params['container'])
    return found && group && { member: found, members: group.members }
  }
  const missing: Answer = {
    status: 404,
    body: devopsError('GraphSubjectNotFoundException', 'VS860018: The graph subject was not found.')
  }
  const of = '/:org/_apis/graph'
  return [
    [
      'GET',
      `${of}/serviceprincipals`,
      guarded(() => ({
        status: 200,
        body: { count: state().members.length, value: state().members.map(principal) }
      }))
    ],
    [
      'GET',
      `${of}/serviceprincipals/:descriptor`,
      guarded(({ params }) => {
        const found = member(params['descriptor'])
        return found ? { status: 200, body: principal(found) } : missing
      })
    ],
    [
      'GET',
      `${of}/storagekeys/:descriptor`,
      guarded(({ params }) => {
        const found = member(params['descriptor'])
        return found ? { status: 200, body: { value: found.entitlementId } } : missing
      })
    ],
    [
      'GET',
      `${of}/descriptors/:key`,
      guarded(({ params }) => {
        const project = state().project(params['key'] ?? '')
        const own = state().members.find(({ entitlementId }) => entitlementId === params['key'])
        if (project) return { status: 200, body: { value: scopeOf(project.id) } }
        return own ? { status: 200, body: { value: own.descriptor } } : missing
      })
    ],
    [
      'GET',
      `${of}/groups`,
      guarded((call) => {
        const scope = call.url.searchParams.get('scopeDescriptor')
        return paged(
          call,
          groups()
            .filter((group) => scope === null || group.scope === scope)
            .map(({ resource }) => resource)
        )
      })
    ],
    [
      'HEAD',
      `${of}/memberships/:subject/:container`,
      guarded((call) => {
        const found = membership(call)
        return { status: found?.members.has(found.member.descriptor) ? 200 : 404 }
      })
    ],
    [
      'PUT',
      `${of}/memberships/:subject/:container`,
      guarded((call) => {
        const found = membership(call)
        if (!found) return missing
        found.members.add(found.member.descriptor)
        return {
          status: 201,
          body: { containerDescriptor: call.params['container'], memberDescriptor: call.params['subject'] }
        }
      })
    ],
    [
      'DELETE',
      `${of}/memberships/:subject/:container`,
      guarded((call) => {
        const found = membership(call)
        return { status: found?.members.delete(found.member.descriptor) ? 200 : 404 }
      })
    ],
    [
      'GET',
      '/:org/_apis/identities',
      guarded(({ url }) => {
        const wanted = url.searchParams.get('subjectDescriptors')?.split(',') ?? []
        const value = wanted.flatMap((descriptor) => {
          const found = member(descriptor)
          return found
            ? [
                {
                  id: found.entitlementId,
                  descriptor: legacyDescriptorOf(found.principalId),
                  subjectDescriptor: descriptor,
                  isActive: true
                }
              ]
            : []
        })
        return { status: 200, body: { count: value.length, value } }
      })
    ]
  ]
}
