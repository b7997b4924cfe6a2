/** Service principal entitlements; the service answers 200 even to a failure. */
import type { Answer, Call, Route } from '../wire.ts'
import { devopsError, type DevOpsContext } from './devops-context.ts'
import type { Member, Organization, Project } from './organization.ts'

const GROUPS: Readonly<Record<string, string>> = {
  projectReader: 'Readers',
  projectContributor: 'Contributors',
  projectAdministrator: 'Project Administrators'
}
const NAMES: Readonly<Record<string, string>> = {
  express: 'Basic',
  stakeholder: 'Stakeholder',
  advanced: 'Basic + Test Plans'
}

interface Wanted {
  accessLevel?: { accountLicenseType?: string }
  servicePrincipal?: { originId?: string; origin?: string; subjectKind?: string }
  projectEntitlements?: ProjectWanted[]
}
interface ProjectWanted {
  group?: { groupType?: string }
  projectRef?: { id?: string }
}

export function entitlementRoutes(context: DevOpsContext): Route[] {
  const { guarded } = context
  const one = '/:org/_apis/serviceprincipalentitlements/:id'
  const found = (call: Call): Member | undefined =>
    context
      .organization(call)
      .members.find(({ entitlementId }) => entitlementId.toLowerCase() === call.params['id']?.toLowerCase())
  const missing: Answer = {
    status: 404,
    body: devopsError('MemberNotFoundException', 'The member was not found in the organization.')
  }
  return [
    ['POST', '/:org/_apis/serviceprincipalentitlements', guarded((call) => add(call, context))],
    // The only list of service principals with their licenses; projects only on request.
    [
      'GET',
      '/:org/_apis/memberentitlements',
      guarded((call) => {
        const { url } = call
        const here = context.organization(call)
        const projects = /projects/i.test(url.searchParams.get('select') ?? '')
        const members = here.members.map((one) => {
          const { servicePrincipal: member, ...entitlement } = entitlementOf(one, here, context)
          return { ...entitlement, member, ...(projects ? {} : { projectEntitlements: [] }) }
        })
        return {
          status: 200,
          body: { members, continuationToken: null, totalCount: members.length, items: members }
        }
      })
    ],
    [
      'GET',
      one,
      guarded((call) => {
        const member = found(call)
        return member
          ? { status: 200, body: entitlementOf(member, context.organization(call), context) }
          : missing
      })
    ],
    [
      'PATCH',
      one,
      guarded(async (call) => {
        const member = found(call)
        if (call.headers['content-type']?.startsWith('application/json-patch+json') !== true) {
          return {
            status: 415,
            body: devopsError('UnsupportedMediaTypeException', 'The media type is not supported.')
          }
        }
        if (!member) return missing
        const may = context.organization(call).administers(await context.callerOf(call))
        return patch(member, may, (await call.json()) as Operation[], call, context)
      })
    ],
    [
      'DELETE',
      one,
      guarded(async (call) => {
        const member = found(call)
        if (!member) return missing
        const here = context.organization(call)
        const caller = await context.callerOf(call)
        if (!here.administers(caller)) {
          const text = `Access Denied: ${caller} needs the following permission(s) on the resource Users to perform this action: Delete Users`
          return { status: 403, body: devopsError('AccessCheckException', text) }
        }
        here.removeMember(member)
        return { status: 200 }
      })
    ]
  ]
}

async function add(call: Call, context: DevOpsContext): Promise<Answer> {
  const { directory, lag } = context
  const here = context.organization(call)
  const { accessLevel, servicePrincipal, projectEntitlements = [] } = (await call.json()) as Wanted
  const originId = servicePrincipal?.originId ?? ''
  const failed = (key: string | number, value: string): Answer => ({
    status: 200,
    body: {
      operationResult: {
        servicePrincipalId: '00000000-0000-0000-0000-000000000000',
        isSuccess: false,
        errors: [{ key, value }],
        result: null
      },
      isSuccess: false,
      servicePrincipalEntitlement: null
    }
  })
  const caller = await context.callerOf(call)
  if (!here.administers(caller))
    return failed(
      5000,
      `Access Denied: ${caller} needs the following permission(s) on the resource Users to perform this action: Add Users`
    )
  const refusal = here.entitlementRefusal
  if (refusal) return failed(...refusal)
  const principal = directory.byPrincipalId(originId)
  if (principal?.tenantId !== here.tenant)
    return failed(5001, `Failed to create service principal with object ID '${originId}'`)
  if (Date.now() < principal.createdAt + lag.directory)
    return failed('VS403283', `Could not add user '${originId}' at this time.`)
  const member = here.member(originId) ?? here.addMember(originId, 'express', Date.now())
  member.licence = accessLevel?.accountLicenseType ?? 'express'
  for (const wanted of projectEntitlements) join(member, wanted, here)
  const result = { ...entitlementOf(member, here, context), projectEntitlements: [] }
  return {
    status: 200,
    body: {
      operationResult: { servicePrincipalId: member.entitlementId, isSuccess: true, errors: [], result },
      isSuccess: true,
      servicePrincipalEntitlement: result
    }
  }
}

interface Operation {
  op: string
  path: string
  value?: unknown
}

function patch(
  member: Member,
  mayEdit: boolean,
  operations: readonly Operation[],
  call: Call,
  context: DevOpsContext
): Answer {
  const here = context.organization(call)
  const results = operations.map(({ op, path, value }) => {
    const errors: { key: string | number; value: string }[] = []
    const project = /^\/projectEntitlements\/([^/]+)$/.exec(path)?.[1]
    if (!mayEdit)
      errors.push({
        key: 5000,
        value:
          'Access Denied: the identity needs the following permission(s) on the resource Users to perform this action: Edit Users'
      })
    else if (path === '/accessLevel')
      member.licence = (value as Wanted['accessLevel'])?.accountLicenseType ?? member.licence
    else if (project !== undefined && op === 'add')
      join(member, { projectRef: { id: project }, ...(value as ProjectWanted) }, here)
    else if (project !== undefined && op === 'remove')
      for (const members of here.project(project)?.groups.values() ?? []) members.delete(member.descriptor)
    else errors.push({ key: 5002, value: `The operation ${op} ${path} is not supported.` })
    if (path === '/accessLevel' && member.status === 'disabled') member.status = 'active'
    return { servicePrincipalId: member.entitlementId, isSuccess: errors.length === 0, errors, result: null }
  })
  return {
    status: 200,
    body: {
      operationResults: results,
      isSuccess: results.every(({ isSuccess }) => isSuccess),
      servicePrincipalEntitlement: entitlementOf(member, here, context)
    }
  }
}

function join(member: Member, { group, projectRef }: ProjectWanted, here: Organization): void {
  const project = here.project(projectRef?.id ?? '')
  project?.groups.get(GROUPS[group?.groupType ?? ''] ?? '')?.add(member.descriptor)
}

function entitlementOf(
  member: Member,
  here: Organization,
  { directory, lag }: DevOpsContext
): Record<string, unknown> {
  const { principalId, entitlementId, descriptor, licence } = member
  const known = directory.byPrincipalId(principalId)
  const status =
    member.status === 'active' && Date.now() < member.joinedAt + lag.membership ? 'pending' : member.status
  const typeOf = (project: Project): string | undefined =>
    Object.entries(GROUPS).find(([, name]) => project.groups.get(name)?.has(descriptor))?.[0]
  return {
    servicePrincipal: {
      subjectKind: 'servicePrincipal',
      applicationId: known?.clientId,
      metaType: 'managedIdentity',
      directoryAlias: principalId,
      domain: here.tenant,
      principalName: principalId,
      mailAddress: null,
      origin: 'aad',
      originId: principalId,
      displayName: known?.displayName,
      descriptor
    },
    id: entitlementId,
    accessLevel: {
      licensingSource: 'account',
      accountLicenseType: licence,
      msdnLicenseType: 'none',
      licenseDisplayName: NAMES[licence] ?? licence,
      status,
      statusMessage: '',
      assignmentSource: 'unknown'
    },
    lastAccessedDate: '0001-01-01T00:00:00Z',
    dateCreated: '2026-11-01T08:00:00Z',
    projectEntitlements: here.projects.flatMap((project) => {
      const groupType = typeOf(project)
      return groupType === undefined
        ? []
        : [
            {
              group: { groupType, displayName: GROUPS[groupType] },
              projectRef: { id: project.id, name: project.name },
              assignmentSource: 'unknown',
              teamRefs: []
            }
          ]
    }),
    groupAssignments: []
  }
}
