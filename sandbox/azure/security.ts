/**
 * Security of Azure DevOps: namespaces, access control lists and entries, and the check of the caller's permissions.
 */
import type { Answer, Call, Route } from '../wire.ts'
import { devopsError, type DevOpsContext } from './devops-context.ts'

const GIT = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'
/** Namespaces that the chain touches, with the bits that it or its callers name. */
const NAMESPACES = [
  namespace(GIT, 'Git Repositories', { read: 2, write: 8192 }, [
    [1, 'Administer', 'Administer'],
    [2, 'GenericRead', 'Read'],
    [4, 'GenericContribute', 'Contribute'],
    [8192, 'ManagePermissions', 'Manage permissions']
  ]),
  namespace('52d39943-cb85-4d7f-8fa8-c6baac873819', 'Project', { read: 1, write: 2 }, [
    [1, 'GENERIC_READ', 'View project-level information'],
    [2, 'GENERIC_WRITE', 'Edit project-level information']
  ]),
  namespace('3e65f728-f8bc-4ecd-8764-7e378b19bfa7', 'Collection', { read: 1, write: 2 }, [
    [1, 'GENERIC_READ', 'View instance-level information'],
    [2, 'GENERIC_WRITE', 'Edit instance-level information']
  ])
]

export function securityRoutes(context: DevOpsContext): Route[] {
  const { guarded, state } = context
  const namespaces = ({ params }: Call): Answer => {
    const wanted = params['namespace']?.toLowerCase()
    const value = NAMESPACES.filter(({ namespaceId }) => wanted === undefined || namespaceId === wanted)
    return value.length === 0 ? unknown(wanted) : { status: 200, body: { count: value.length, value } }
  }
  /** An unknown namespace gives the error that names it. */
  const within = (handler: (call: Call) => Answer | Promise<Answer>) =>
    guarded((call) => {
      const wanted = call.params['namespace']?.toLowerCase()
      return NAMESPACES.some(({ namespaceId }) => namespaceId === wanted) ? handler(call) : unknown(wanted)
    })
  const entries = '/:org/_apis/accesscontrolentries/:namespace'
  return [
    ['GET', '/:org/_apis/securitynamespaces', guarded(namespaces)],
    ['GET', '/:org/_apis/securitynamespaces/:namespace', guarded(namespaces)],
    [
      'GET',
      '/:org/_apis/permissions/:namespace/:bits',
      within(() => ({ status: 200, body: { count: 1, value: [state().collectionAdministrator] } }))
    ],
    ['GET', '/:org/_apis/accesscontrollists/:namespace', within((call) => accessControlList(call, context))],
    ['POST', entries, within((call) => writeEntries(call, context))],
    ['DELETE', entries, within(({ url }) => removeEntries(url.searchParams, context))]
  ]
}

function accessControlList({ url, params }: Call, { state }: DevOpsContext): Answer {
  if (params['namespace']?.toLowerCase() !== GIT) return { status: 200, body: { count: 0, value: [] } }
  const token = url.searchParams.get('token') ?? ''
  const wanted = url.searchParams.get('descriptors')?.split(',') ?? []
  const includeExtendedInfo = url.searchParams.get('includeExtendedInfo')?.toLowerCase() === 'true'
  const entries = [...(state().entries.get(token.toLowerCase()) ?? [])].filter(
    ([descriptor]) => wanted.length === 0 || wanted.includes(descriptor)
  )
  if (entries.length === 0) return { status: 200, body: { count: 0, value: [] } }
  const extended = ({ allow, deny }: { allow: number; deny: number }) =>
    includeExtendedInfo ? { extendedInfo: { effectiveAllow: allow & ~deny, effectiveDeny: deny } } : {}
  const acesDictionary = Object.fromEntries(
    entries.map(([descriptor, bits]) => [descriptor, { descriptor, ...bits, ...extended(bits) }])
  )
  return {
    status: 200,
    body: { count: 1, value: [{ inheritPermissions: true, token, acesDictionary, includeExtendedInfo }] }
  }
}

async function writeEntries(call: Call, { state }: DevOpsContext): Promise<Answer> {
  if (!state().collectionAdministrator)
    return {
      status: 403,
      body: devopsError(
        'AccessCheckException',
        'Access Denied: the identity needs the following permission(s) to perform this action: Manage permissions'
      )
    }
  const body = (await call.json()) as {
    token: string
    merge?: boolean
    accessControlEntries: { descriptor: string; allow: number; deny: number }[]
  }
  const token = body.token.toLowerCase()
  const list = state().entries.get(token) ?? new Map<string, { allow: number; deny: number }>()
  state().entries.set(token, list)
  for (const { descriptor, allow, deny } of body.accessControlEntries) {
    const before = list.get(descriptor)
    // merge only adds bits, so an existing deny stays.
    list.set(
      descriptor,
      body.merge === true && before
        ? { allow: before.allow | allow, deny: before.deny | deny }
        : { allow, deny }
    )
  }
  return { status: 200, body: { count: body.accessControlEntries.length, value: body.accessControlEntries } }
}

function removeEntries(query: URLSearchParams, { state }: DevOpsContext): Answer {
  if (!state().collectionAdministrator)
    return { status: 403, body: devopsError('AccessCheckException', 'Access Denied: Manage permissions') }
  const entries = state().entries.get((query.get('token') ?? '').toLowerCase())
  const removed = (query.get('descriptors') ?? '').split(',').map((one) => entries?.delete(one) ?? false)
  return { status: 200, body: removed.some(Boolean) }
}

function namespace(
  namespaceId: string,
  name: string,
  { read, write }: { read: number; write: number },
  actions: readonly (readonly [bit: number, name: string, displayName: string])[]
) {
  return {
    namespaceId,
    name,
    displayName: name,
    separatorValue: '/',
    elementLength: -1,
    writePermission: write,
    readPermission: read,
    dataspaceCategory: name === 'Git Repositories' ? 'Git' : 'Default',
    actions: actions.map(([bit, action, displayName]) => ({ bit, name: action, displayName, namespaceId }))
  }
}

function unknown(id = ''): Answer {
  return {
    status: 404,
    body: devopsError('InvalidSecurityNamespaceException', `The security namespace ${id} does not exist.`)
  }
}
