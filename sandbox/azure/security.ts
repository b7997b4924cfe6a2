/**
 * Security of Azure DevOps: namespaces, access control lists and entries, and the check of the caller's permissions.
 */
import type { Answer, Call, Route } from '../wire.ts'
import { deniedByGroups, devopsError, GIT, mayAt, PROJECT, type DevOpsContext } from './devops-context.ts'

const COLLECTION = '3e65f728-f8bc-4ecd-8764-7e378b19bfa7'
/** Namespaces that Patless uses, with the bits that it or the login needs. */
const NAMESPACES = [
  namespace(GIT.id, 'Git Repositories', { read: GIT.read, write: GIT.manage }, [
    [1, 'Administer', 'Administer'],
    [2, 'GenericRead', 'Read'],
    [4, 'GenericContribute', 'Contribute'],
    [8192, 'ManagePermissions', 'Manage permissions']
  ]),
  namespace(PROJECT.id, 'Project', { read: PROJECT.read, write: PROJECT.manage }, [
    [1, 'GENERIC_READ', 'View project-level information'],
    [2, 'GENERIC_WRITE', 'Edit project-level information']
  ]),
  namespace(COLLECTION, 'Collection', { read: 1, write: 2 }, [
    [1, 'GENERIC_READ', 'View instance-level information'],
    [2, 'GENERIC_WRITE', 'Edit instance-level information']
  ])
]

export function securityRoutes(context: DevOpsContext): Route[] {
  const { guarded } = context
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
    ['GET', '/:org/_apis/permissions/:namespace/:bits', within((call) => permissions(call, context))],
    ['DELETE', '/:org/_apis/permissions/:namespace/:bits', within((call) => removeBits(call, context))],
    ['GET', '/:org/_apis/accesscontrollists/:namespace', within((call) => accessControlList(call, context))],
    ['POST', entries, within((call) => writeEntries(call, context))],
    ['DELETE', entries, within((call) => removeEntries(call, context))]
  ]
}

/** Spellings of the collection's token in public clients; for any other the answer is false. */
const COLLECTION_TOKENS = new Set([undefined, '', 'NAMESPACE', 'NAMESPACE:', '$COLLECTION'])

/** For each token, whether the caller has all of the bits. */
async function permissions(call: Call, { organization, callerOf }: DevOpsContext): Promise<Answer> {
  const { namespace: id = '', bits = '' } = call.params
  const caller = await callerOf(call)
  const here = organization(call)
  const bit = Number(bits)
  const tokens = call.url.searchParams.get('tokens')?.split(',') ?? [undefined]
  const answer = (token: string | undefined): boolean => {
    if (!here.permissionsAnswered) return false
    if (id.toLowerCase() === COLLECTION)
      return COLLECTION_TOKENS.has(token) && (bit === 1 || here.administers(caller))
    return token !== undefined && isOf(id, token) && mayAt(here, caller, token, bit)
  }
  return { status: 200, body: { count: tokens.length, value: tokens.map(answer) } }
}

/** Whether the token belongs to the namespace. */
function isOf(namespaceId: string, token: string): boolean {
  return namespaceId.toLowerCase() === GIT.id ? /^repov2\//i.test(token) : /^\$project:/i.test(token)
}

/** The error, unless the caller has the bit that the namespace requires at the token. */
async function refused(
  call: Call,
  { organization, callerOf }: DevOpsContext,
  token: string,
  kind: 'read' | 'manage'
): Promise<Answer | undefined> {
  const { id, ...bits } = call.params['namespace']?.toLowerCase() === PROJECT.id ? PROJECT : GIT
  const caller = await callerOf(call)
  if (isOf(id, token) && mayAt(organization(call), caller, token, bits[kind])) return undefined
  const name = kind === 'read' ? 'Read' : 'Manage permissions'
  return {
    status: 403,
    body: devopsError(
      'AccessCheckException',
      `Access Denied: ${caller} needs the following permission(s) on the resource ${token} to perform this action: ${name}`
    )
  }
}

async function accessControlList(call: Call, context: DevOpsContext): Promise<Answer> {
  const { searchParams } = call.url
  const token = searchParams.get('token') ?? ''
  const no = await refused(call, context, token, 'read')
  if (no) return no
  const wanted = searchParams.get('descriptors')?.split(',') ?? []
  const flag = (name: string): boolean => searchParams.get(name)?.toLowerCase() === 'true'
  const includeExtendedInfo = flag('includeExtendedInfo')
  const key = token.toLowerCase()
  const extended = ({ allow, deny }: { allow: number; deny: number }) =>
    includeExtendedInfo ? { extendedInfo: { effectiveAllow: allow & ~deny, effectiveDeny: deny } } : {}
  const here = context.organization(call)
  const deniedAt = (descriptor: string, at: string): number =>
    deniedByGroups(here, descriptor.split('\\').at(-1) ?? '', at)
  const value = [...here.entries].flatMap(([at, list]) => {
    if (at !== key && !(flag('recurse') && at.startsWith(`${key}/`))) return []
    const own = [...list].filter(([descriptor]) => wanted.length === 0 || wanted.includes(descriptor))
    // Of one without an entry of its own, the extended information shows what its groups deny.
    const missing = includeExtendedInfo
      ? wanted.filter((one) => !list.has(one) && deniedAt(one, at) !== 0)
      : []
    const entries = [...own, ...missing.map((one) => [one, { allow: 0, deny: 0 }] as const)]
    const aces = entries.map(([descriptor, bits]) => [
      descriptor,
      { descriptor, ...bits, ...extended({ allow: bits.allow, deny: bits.deny | deniedAt(descriptor, at) }) }
    ])
    const acesDictionary = Object.fromEntries(aces) as unknown
    // Tokens are returned as they were written; the twin stores them in lower case.
    const told = at === key ? token : at
    return entries.length === 0
      ? []
      : [{ inheritPermissions: true, token: told, acesDictionary, includeExtendedInfo }]
  })
  return { status: 200, body: { count: value.length, value } }
}

async function writeEntries(call: Call, context: DevOpsContext): Promise<Answer> {
  const body = (await call.json()) as {
    token: string
    merge?: boolean
    accessControlEntries: { descriptor: string; allow: number; deny: number }[]
  }
  const no = await refused(call, context, body.token, 'manage')
  if (no) return no
  const { entries } = context.organization(call)
  const token = body.token.toLowerCase()
  const list = entries.get(token) ?? new Map<string, { allow: number; deny: number }>()
  entries.set(token, list)
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

async function removeEntries(call: Call, context: DevOpsContext): Promise<Answer> {
  const query = call.url.searchParams
  const no = await refused(call, context, query.get('token') ?? '', 'manage')
  if (no) return no
  const entries = context.organization(call).entries.get((query.get('token') ?? '').toLowerCase())
  const removed = (query.get('descriptors') ?? '').split(',').map((one) => entries?.delete(one) ?? false)
  return { status: 200, body: removed.some(Boolean) }
}

/** Removes bits from an entry's allow and deny; an entry without bits is deleted. */
async function removeBits(call: Call, context: DevOpsContext): Promise<Answer> {
  const [token, descriptor] = ['token', 'descriptor'].map((name) => call.url.searchParams.get(name) ?? '')
  const no = await refused(call, context, token ?? '', 'manage')
  if (no) return no
  const bits = Number(call.params['bits'])
  const list = context.organization(call).entries.get((token ?? '').toLowerCase())
  const { allow, deny } = list?.get(descriptor ?? '') ?? { allow: 0, deny: 0 }
  const left = { allow: allow & ~bits, deny: deny & ~bits }
  if (left.allow === 0 && left.deny === 0) list?.delete(descriptor ?? '')
  else list?.set(descriptor ?? '', left)
  return { status: 200, body: { descriptor, ...left, extendedInfo: {} } }
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
