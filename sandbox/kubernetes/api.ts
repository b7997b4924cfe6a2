/** The API server's verbs over the store: get, list, watch, create, update, patch, delete, and the reviews. */
import type { Answer, Call, Handler, Route } from '../wire.ts'
import { STREAMED } from '../wire.ts'
import {
  assertMutable,
  assertPlace,
  assertPreconditions,
  assertSelector,
  assertSize,
  assertValid,
  invalid,
  type DeleteOptions
} from './admission.ts'
import { assertAllowed, allowed, type User } from './authorization.ts'
import { apiVersionOf, kindOf, servedKinds, StatusError, type Kind, type KubeObject } from './objects.ts'
import { patched } from './patches.ts'
import { isProtobuf, objectOf } from './protobuf.ts'
import type { Writer } from './managed-fields.ts'
import { assertPolicy, assertRoom } from './room.ts'
import type { Store } from './store.ts'
import { tableOf } from './tables.ts'

interface ApiContext {
  readonly store: Store
  readonly userOf: (authorization: string | undefined) => Promise<User | undefined>
  readonly token: (
    namespace: string,
    serviceAccount: KubeObject,
    audiences: readonly string[],
    seconds: number
  ) => Promise<string>
  /** Returns the pod as it is stored. */
  readonly admitted: (namespace: string, pod: KubeObject) => KubeObject
  /** The handler behind a Service, for `…/services/{name}/proxy/{path}`. */
  readonly proxied: (service: KubeObject, path: string) => Answer
}

interface Target {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
  /** The path behind the subresource, which a proxy forwards. */
  readonly path: string
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete'
}

export function apiRoutes(context: ApiContext): Route[] {
  const handler: Handler = (call) => answered(call, context)
  return [
    ['*', '/api/v1/*', handler],
    ['*', '/apis/*', handler]
  ]
}

async function answered(call: Call, context: ApiContext): Promise<Answer | typeof STREAMED> {
  try {
    const user = await context.userOf(call.headers.authorization)
    if (!user) throw new StatusError(401, 'Unauthorized', 'Unauthorized')
    const review = await reviewed(call, user, context)
    if (review) return review
    const target = targetOf(call.url.pathname, context.store)
    if (!target) return nowhere(call.url.pathname, context.store)
    const watching = call.url.searchParams.get('watch') === 'true'
    const plain = VERBS[call.method] ?? call.method.toLowerCase()
    const verb = plain === 'get' && target.name === undefined ? (watching ? 'watch' : 'list') : plain
    const { kind, namespace, name, subresource } = target
    assertAllowed(context.store, user, {
      verb,
      group: kind.group,
      resource: kind.resource,
      subresource,
      namespace,
      name
    })
    return await done(verb, call, target, context)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { status: error.code, body: error.body() }
  }
}

function targetOf(path: string, store: Store): Target | undefined {
  const parts = path.split('/').slice(1).map(decodeURIComponent)
  const group = parts[0] === 'api' ? '' : (parts[1] ?? '')
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  const namespaced = rest[0] === 'namespaces' && rest.length > 2
  const [resource = '', name, subresource, ...behind] = namespaced ? rest.slice(2) : rest
  const kind = kindOf(group, resource)
  if (!kind || !servedKinds(store).includes(kind)) return undefined
  return {
    kind,
    namespace: namespaced ? rest[1] : undefined,
    name,
    subresource,
    path: `/${behind.join('/')}`
  }
}

/** Within a served API group the answer is a Status; elsewhere a plain 404. */
function nowhere(path: string, store: Store): Answer {
  const group = path.startsWith('/api/') ? '' : (path.split('/')[2] ?? '')
  if (!servedKinds(store).some((kind) => kind.group === group)) return NO_SUCH_PATH
  throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
}

export const NO_SUCH_PATH: Answer = { status: 404, body: '404 page not found\n' }

async function done(
  verb: string,
  call: Call,
  target: Target,
  context: ApiContext
): Promise<Answer | typeof STREAMED> {
  const { store } = context
  const { kind, namespace, name = '', subresource } = target
  if (subresource === 'token' && verb === 'create') return tokenRequest(call, target, context)
  if (subresource === 'proxy') return proxied(target, context)
  switch (verb) {
    case 'get':
      return shown(call, kind, [store.get(kind, namespace, name)], store, true)
    case 'list':
      return paged(
        call,
        shown(call, kind, selected(call, inPages(call, store.list(kind, namespace))), store, false)
      )
    case 'watch':
      return watch(call, target, store)
    case 'create': {
      const body = (await bodyOf(call)) as KubeObject
      assertPlace(kind, namespace, body)
      if (namespace !== undefined && !store.find(kindOf('', 'namespaces') as Kind, undefined, namespace)) {
        throw new StatusError(404, 'NotFound', `namespaces "${namespace}" not found`, {
          name: namespace,
          kind: 'namespaces'
        })
      }
      assertValid(kind, { ...body, kind: kind.kind }, 'body')
      assertSize(kind, body)
      assertPolicy(store, verb, kind, namespace)
      assertRoom(store, kind, namespace, body.metadata.name)
      const admitted =
        kind.kind === 'Pod' && namespace !== undefined ? context.admitted(namespace, body) : body
      return {
        status: 201,
        body: store.create(kind, namespace, admitted, { dry: dry(call), by: writerOf(call, subresource) })
      }
    }
    case 'update': {
      const body = (await bodyOf(call)) as KubeObject
      const before = store.get(kind, namespace, name)
      assertMutable(kind, before, body)
      return {
        status: 200,
        body: store.update(
          kind,
          before,
          subresource === 'status' ? { ...before, status: body.status } : body,
          writerOf(call, subresource)
        )
      }
    }
    case 'patch':
      return patch(call, target, store)
    case 'delete': {
      assertPreconditions(kind, store.get(kind, namespace, name), await deleteOptionsOf(call))
      return { status: 200, body: deleted(kind, store.retire(kind, namespace, name)) }
    }
    default:
      throw new StatusError(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource'
      )
  }
}

async function patch(
  call: Call,
  { kind, namespace, name = '', subresource }: Target,
  store: Store
): Promise<Answer> {
  const type = call.headers['content-type'] ?? ''
  const text = (await call.bytes()).toString('utf8')
  const before = store.find(kind, namespace, name)
  if (type.startsWith('application/apply-patch+yaml') && !call.url.searchParams.has('fieldManager')) {
    const options = { kind: 'PatchOptions', group: 'meta.k8s.io' }
    const why = 'Required value: is required for apply patch'
    throw invalid(options, '', 'fieldManager', why, 'FieldValueRequired')
  }
  if (!before && type.startsWith('application/apply-patch+yaml')) {
    const made = patched({ apiVersion: '', kind: kind.kind, metadata: { name } }, type, text)
    return { status: 201, body: store.create(kind, namespace, made, { by: writerOf(call, subresource) }) }
  }
  const found = store.get(kind, namespace, name)
  const next = patched(found, type, text)
  assertValid(kind, next, 'patch')
  assertSelector(kind, found, next)
  assertMutable(kind, found, next)
  assertSize(kind, next)
  assertPolicy(store, 'patch', kind, namespace)
  if (dry(call)) return { status: 200, body: next }
  // Only a resourceVersion in the patch itself is a precondition.
  if (!text.includes('"resourceVersion"')) next.metadata = { ...next.metadata, resourceVersion: '' }
  return {
    status: 200,
    body: store.update(kind, store.get(kind, namespace, name), next, writerOf(call, subresource))
  }
}

function shown(
  { headers }: Call,
  kind: Kind,
  objects: readonly KubeObject[],
  store: Store,
  single: boolean
): Answer {
  if (headers.accept?.includes('as=Table') === true)
    return { status: 200, body: tableOf(kind, objects, store.version) }
  if (single) return { status: 200, body: objects[0] }
  const metadata = { resourceVersion: store.version }
  return {
    status: 200,
    body: {
      kind: `${kind.kind}List`,
      apiVersion: apiVersionOf(kind),
      metadata,
      items: objects.map((one) => listed(kind, one))
    }
  }
}

/** Applies `limit` and `continue`. */
function paged({ url, headers }: Call, answer: Answer): Answer {
  const limit = Number(url.searchParams.get('limit') ?? '0')
  const from = Number(Buffer.from(url.searchParams.get('continue') ?? '', 'base64url').toString() || '0')
  const body = answer.body as { metadata: object; items?: unknown[] }
  if (!body.items || headers.accept?.includes('as=Table') === true || limit === 0) return answer
  const next = from + limit
  const left = body.items.length - next
  const more =
    left > 0 ? { continue: Buffer.from(String(next)).toString('base64url'), remainingItemCount: left } : {}
  const items = body.items.slice(from, next)
  return { ...answer, body: { ...body, metadata: { ...body.metadata, ...more }, items } }
}

/** What comes in pages comes by its place, as etcd has its keys; the rest as it was made, which is easier to follow. */
function inPages({ url }: Call, objects: readonly KubeObject[]): readonly KubeObject[] {
  const limit = Number(url.searchParams.get('limit') ?? '0')
  if (limit === 0 || objects.length <= limit) return objects
  const placeOf = ({ metadata: { namespace = '', name } }: KubeObject): string => `${namespace}/${name}`
  return objects.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
}

/** In lists, built-in objects omit apiVersion and kind; custom ones have them. */
function listed({ group }: Kind, { kind, apiVersion, ...rest }: KubeObject): unknown {
  return group === 'argoproj.io' ? { kind, apiVersion, ...rest } : rest
}

/** Most kinds answer with a Status, some with the deleted object; an object with finalizers still exists. */
function deleted({ group, resource }: Kind, object: KubeObject): unknown {
  const { name, uid, deletionTimestamp } = object.metadata
  if (deletionTimestamp !== undefined || RETURNED.has(resource)) return object
  const details = { name, ...(group === '' ? {} : { group }), kind: resource, uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}

const RETURNED = new Set(['pods', 'serviceaccounts', 'services'])

function selected({ url }: Call, objects: readonly KubeObject[]): KubeObject[] {
  return objects.filter(
    (object) =>
      labelled(url.searchParams.get('labelSelector'), object) &&
      fielded(url.searchParams.get('fieldSelector'), object)
  )
}

/** Equality, inequality, sets and existence. */
function labelled(selector: string | null, { metadata }: KubeObject): boolean {
  const labels = metadata.labels ?? {}
  if (selector !== null && selector.split('(').length !== selector.split(')').length)
    throw new StatusError(400, 'BadRequest', "unable to parse requirement: found '', expected: ',' or ')'")
  const terms = (selector ?? '').match(/[^,(]+(?:\([^)]*\))?/g) ?? []
  return terms.every((term) => {
    const text = term.trim()
    const [, key = '', not, values = ''] = /^(\S+)\s+(not)?in\s*\(([^)]*)\)$/.exec(text) ?? []
    if (key !== '')
      return (
        values
          .split(',')
          .map((value) => value.trim())
          .includes(labels[key] ?? '') ===
        (not === undefined)
      )
    const [, left = '', operator, right = ''] = /^([^!=]+)(!=|==|=)(.*)$/.exec(text) ?? []
    if (operator !== undefined) return (labels[left.trim()] === right.trim()) === (operator !== '!=')
    return text.startsWith('!') ? !(text.slice(1) in labels) : text in labels
  })
}

function fielded(selector: string | null, object: KubeObject): boolean {
  return (selector ?? '')
    .split(',')
    .filter((term) => term !== '')
    .every((term) => {
      const [path = '', value = ''] = term.split(/==?/)
      let found: unknown = object
      for (const key of path.split('.')) found = (found as Record<string, unknown> | undefined)?.[key]
      return (typeof found === 'string' ? found : '') === value
    })
}

/** One JSON event per line, until the client disconnects or the timeout passes. */
function watch(call: Call, target: Target, store: Store): typeof STREAMED {
  const { kind, namespace, name } = target
  const { response, url, headers } = call
  const table = headers.accept?.includes('as=Table') === true
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
  const tell = (type: string, object: KubeObject): void => {
    if (selected(call, [object]).length === 0) return
    response.write(
      `${JSON.stringify({ type, object: table ? tableOf(kind, [object], store.version) : object })}\n`
    )
  }
  const since = Number(url.searchParams.get('resourceVersion') ?? 0)
  for (const object of store.list(kind, namespace)) {
    if (Number(object.metadata.resourceVersion) > since) tell('ADDED', object)
  }
  const stop = store.watch((event) => {
    const { metadata } = event.object
    const same = event.kind === kind && (namespace === undefined || metadata.namespace === namespace)
    if (same && (name === undefined || metadata.name === name)) tell(event.type, event.object)
  })
  const seconds = Number(url.searchParams.get('timeoutSeconds') ?? 300)
  const timer = setTimeout(() => response.end(), seconds * 1000)
  timer.unref()
  response.once('close', () => {
    stop()
    clearTimeout(timer)
  })
  response.flushHeaders()
  return STREAMED
}

/** `name`, `name:port` or `scheme:name:port`. */
function proxied(
  { kind, namespace, name = '', path }: Target,
  { store, proxied: behind }: ApiContext
): Answer {
  const parts = name.split(':')
  return behind(store.get(kind, namespace, parts[parts.length === 3 ? 1 : 0] ?? ''), path)
}

async function tokenRequest(
  call: Call,
  { kind, namespace = '', name = '' }: Target,
  { store, token }: ApiContext
): Promise<Answer> {
  const account = store.get(kind, namespace, name)
  const { spec = {} } = ((await bodyOf(call)) ?? {}) as {
    spec?: { audiences?: string[]; expirationSeconds?: number }
  }
  const seconds = spec.expirationSeconds ?? 3600
  const odd =
    seconds < 600
      ? 'may not specify a duration less than 10 minutes'
      : seconds > 2 ** 32
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined
  if (odd !== undefined) {
    const request = { kind: 'TokenRequest', group: 'authentication.k8s.io' }
    throw invalid(request, '', 'spec.expirationSeconds', `Invalid value: ${seconds}: ${odd}`)
  }
  const signed = await token(namespace, account, spec.audiences ?? [], seconds)
  return {
    status: 201,
    body: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: null },
      spec: { ...spec, expirationSeconds: seconds },
      status: { token: signed, expirationTimestamp: new Date(Date.now() + seconds * 1000).toISOString() }
    }
  }
}

/** Reviews that every caller may make about itself. */
async function reviewed(call: Call, user: User, { store }: ApiContext): Promise<Answer | undefined> {
  if (call.method !== 'POST') return undefined
  const { pathname } = call.url
  if (pathname === '/apis/authentication.k8s.io/v1/selfsubjectreviews') {
    return {
      status: 201,
      body: {
        kind: 'SelfSubjectReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: {},
        status: { userInfo: { username: user.name, groups: user.groups } }
      }
    }
  }
  if (pathname !== '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') return undefined
  const { spec } = (await bodyOf(call)) as { spec: { resourceAttributes?: Record<string, string> } }
  const { verb = '', group = '', resource = '', subresource, namespace, name } = spec.resourceAttributes ?? {}
  const may = allowed(store, user, {
    verb,
    group,
    resource,
    subresource: subresource === '' ? undefined : subresource,
    namespace: namespace === '' ? undefined : namespace,
    name
  })
  return {
    status: 201,
    body: {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed: may }
    }
  }
}

async function bodyOf(call: Call): Promise<unknown> {
  if (isProtobuf(call.headers['content-type'])) {
    const object = objectOf(await call.bytes())
    if (object === undefined)
      throw new StatusError(415, 'UnsupportedMediaType', 'the twin reads this kind as JSON only')
    return object
  }
  try {
    return await call.json()
  } catch {
    throw new StatusError(
      400,
      'BadRequest',
      "the object provided is unrecognized (must be of type JSON): couldn't get version/kind"
    )
  }
}

/** Preconditions are optional; kubectl's protobuf options contain none. */
async function deleteOptionsOf(call: Call): Promise<DeleteOptions> {
  const text = isProtobuf(call.headers['content-type']) ? '' : (await call.bytes()).toString('utf8')
  return text === '' ? {} : (JSON.parse(text) as DeleteOptions)
}

/** Who does not name a field manager is called by his program. */
function writerOf({ url, headers }: Call, subresource: string | undefined): Writer {
  const program = headers['user-agent']?.split('/')[0] ?? 'unknown'
  const manager = url.searchParams.get('fieldManager') ?? program
  return subresource === undefined ? { manager } : { manager, subresource }
}

function dry({ url }: Call): boolean {
  return url.searchParams.get('dryRun') === 'All'
}
