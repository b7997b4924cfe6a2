/**
 * Requests to the Kubernetes API as commands of kubectl, which a shell in the cluster runs. Every name in them may be
 * chosen by somebody else, so each is one quoted word, and no word that holds one can be an option.
 */
import { recordOf } from '../../../http/request.ts'
import { UnexpectedReply } from '../../../http/errors.ts'
import { listTemplate, objectTemplate } from './templates.ts'

/** What is asked of the API server. */
export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly url: URL
  /** Parsed JSON; undefined: none. */
  readonly body: unknown
}

export interface Command {
  /** For a shell (POSIX). */
  readonly text: string
  /** What it prints: the objects of a list, one object, or nothing that is read. */
  readonly prints: 'list' | 'object' | 'nothing'
  readonly writes: boolean
}

interface Place {
  /** `plural.version.group`, as kubectl names a kind. */
  readonly kind: string
  readonly plural: string
  readonly group: string
  readonly version: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

const SEGMENT = '[A-Za-z0-9][\\w.:-]{0,300}'
const PATH = new RegExp(
  `^/(?:api|apis/(${SEGMENT}))/(${SEGMENT})(?:/namespaces/(${SEGMENT}))?/(${SEGMENT})(?:/(${SEGMENT})(?:/(${SEGMENT}))?)?$`
)
/** The kinds of what is written. */
const KINDS: Readonly<Record<string, string>> = {
  secrets: 'Secret',
  serviceaccounts: 'ServiceAccount',
  selfsubjectaccessreviews: 'SelfSubjectAccessReview',
  deployments: 'Deployment',
  applications: 'Application',
  argocds: 'ArgoCD',
  leases: 'Lease'
}
/** A review is asked by creating it. */
const ASKING = 'selfsubjectaccessreviews'
/** So that a command ends while somebody still waits for it. */
const COMMON = '--request-timeout=30s'

/** @throws {UnexpectedReply} for a request that has no command, such as one for a token */
export function commandOf(asked: Asked): Command {
  const place = placeOf(asked.url)
  const { method, url } = asked
  if (place.subresource !== undefined) throw impossible(asked)
  if (method === 'GET') return place.name === undefined ? list(place, url) : object(place, place.name)
  if (method === 'POST' && place.name === undefined) return creation(place, asked.body)
  if (place.name === undefined) throw impossible(asked)
  if (method === 'PATCH') return patch(place, place.name, asked)
  if (method === 'DELETE') return deletion(url, asked.body)
  throw impossible(asked)
}

/** One word of a shell, whatever is in it. */
export function quoted(text: string): string {
  if (text.includes('\0')) throw new UnexpectedReply('Kubernetes', 'a request', 'a name with a null byte')
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** The resource that a request is about. @throws {UnexpectedReply} */
export function placeOf(url: URL): Place {
  const [, group = '', version = '', namespace, plural = '', name, subresource] =
    PATH.exec(url.pathname) ?? []
  if (plural === '') throw new UnexpectedReply('Kubernetes', 'a request', 'a path that is none of a resource')
  const kind = group === '' ? plural : `${plural}.${version}.${group}`
  return { kind, plural, group, version, namespace, name, subresource }
}

function list({ kind, plural, namespace }: Place, { searchParams }: URL): Command {
  const where = namespace === undefined ? '--all-namespaces' : option('namespace', namespace)
  const narrowed = [
    ['selector', searchParams.get('labelSelector') ?? ''],
    ['field-selector', searchParams.get('fieldSelector') ?? '']
  ].flatMap(([name = '', value = '']) => (value === '' ? [] : [option(name, value)]))
  const template = listTemplate(plural, searchParams.get('continue') ?? '')
  const words = ['kubectl get', COMMON, where, ...narrowed, option('output', `go-template=${template}`)]
  return { text: `${words.join(' ')} -- ${quoted(kind)}`, prints: 'list', writes: false }
}

function object({ kind, plural, namespace }: Place, name: string): Command {
  const template = option('output', `go-template=${objectTemplate(plural, name)}`)
  const words = ['kubectl get', COMMON, ...inside(namespace), template, '--', quoted(kind), quoted(name)]
  return { text: words.join(' '), prints: 'object', writes: false }
}

function creation(place: Place, body: unknown): Command {
  const { plural, namespace } = place
  const template = option('output', `go-template=${objectTemplate(plural, '')}`)
  const words = ['kubectl create', COMMON, '--validate=false', ...inside(namespace), template, '-f -']
  return {
    text: `${given({ ...typeOf(place), ...recordOf(body) })} | ${words.join(' ')}`,
    prints: 'object',
    writes: plural !== ASKING
  }
}

/**
 * An object that is given as a file is not read first, which would be another right; the patch is sent once, so what it
 * requires of the version holds.
 */
function patch(place: Place, name: string, { url, body }: Asked): Command {
  const { namespace } = place
  const manager = url.searchParams.get('fieldManager')
  const words = [
    ...['kubectl patch', COMMON, ...inside(namespace), '--type=merge', '--output=name'],
    ...(manager === null ? [] : [option('field-manager', manager)]),
    ...[option('patch', JSON.stringify(body)), '-f -']
  ]
  const object = { ...typeOf(place), metadata: { name, namespace } }
  return { text: `${given(object)} | ${words.join(' ')}`, prints: 'nothing', writes: true }
}

/** What it prints is not read, and may be the object. */
function deletion({ pathname }: URL, body: unknown): Command {
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', ...recordOf(body) }
  const words = ['kubectl delete', COMMON, option('raw', pathname), '-f - >/dev/null']
  return {
    text: `${given(options)} | ${words.join(' ')}`,
    prints: 'nothing',
    writes: true
  }
}

function typeOf({ plural, group, version }: Place): { apiVersion: string; kind: string | undefined } {
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind: KINDS[plural] }
}

/** The file that kubectl reads as `-`. */
function given(object: object): string {
  return `printf '%s' ${quoted(JSON.stringify(object))}`
}

function inside(namespace: string | undefined): string[] {
  return namespace === undefined ? [] : [option('namespace', namespace)]
}

function option(name: string, value: string): string {
  return `--${name}=${quoted(value)}`
}

function impossible({ method, url }: Asked): UnexpectedReply {
  return new UnexpectedReply('Kubernetes', `${method} ${url.pathname}`, 'no command does this')
}
