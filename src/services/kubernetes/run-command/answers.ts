/** What kubectl printed, as the API server's answers: objects whose texts are decoded, or a refusal with its status. */
import { unescape } from 'node:querystring'
import { Problem } from '../../../core/finding.ts'
import { safe, UnexpectedReply } from '../../../http/errors.ts'
import { recordOf } from '../../../http/request.ts'
import type { Part } from './script.ts'
import { standIn } from './stand-in.ts'
import { MARK } from './templates.ts'

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** `Error from server (NotFound): …`: the reason of the API server's own answer (kubernetes/kubectl, pkg/cmd/util). */
const FROM_SERVER = /Error from server(?: \((\w+)\))?: (.*)/s
const STATUS: Readonly<Record<string, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
  ServerTimeout: 504
}
/** What kubectl says by itself, without the server's reason. */
const SAID: readonly (readonly [RegExp, string])[] = [
  [/doesn't have a resource type|no matches for kind/, 'NotFound'],
  [/must be logged in to the server|provide credentials|\(Unauthorized\)/, 'Unauthorized'],
  [
    /Unable to connect to the server|connection to the server .* was refused|request canceled/,
    'ServiceUnavailable'
  ]
]

/** @returns the refusal; undefined when kubectl failed for a reason of its own */
export function refusalIn(error: string): Answer | undefined {
  const [, given, message = error] = FROM_SERVER.exec(error) ?? []
  const reason = given ?? SAID.find(([pattern]) => pattern.test(error))?.[1]
  const status = STATUS[reason ?? ''] ?? (FROM_SERVER.test(error) ? 500 : undefined)
  if (status === undefined) return undefined
  return {
    status,
    body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code: status }
  }
}

/** @throws {Problem} for what kubectl said and nobody here expects */
export function failureOf(what: string, { code, error }: NonNullable<Part['ended']>): Problem {
  return new Problem({
    id: 'run-command/failed',
    summary: `kubectl could not ${what} in the cluster (exit code ${code}): ${error === '' ? '(no text)' : safe(error)}`,
    remedy:
      'see the text above; if it is a matter of the version of kubectl there, use a runner in the network of the cluster'
  })
}

/** @throws {UnexpectedReply} */
export function objectsOf(what: string, lines: readonly string[]): unknown[] {
  return lines.map((line) => {
    try {
      return readable(decoded(JSON.parse(line)))
    } catch {
      throw new UnexpectedReply('Kubernetes', what, 'a line that is no object')
    }
  })
}

/** The place of an object, as objects are sorted. */
export function placeOfObject(object: unknown): string {
  const { namespace = '', name = '' } = recordOf(recordOf(object)['metadata'])
  return `${String(namespace)}/${String(name)}`
}

/** All texts are percent-encoded, keys too. */
function decoded(value: unknown): unknown {
  if (typeof value === 'string') return textOf(value)
  if (Array.isArray(value)) return value.map(decoded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [textOf(key), decoded(one)]))
}

/** A Secret may hold bytes that are no text: they are read as the client would read them. */
function textOf(encoded: string): string {
  return unescape(encoded.replaceAll('+', ' ').replaceAll('@@', '@'))
}

/** A Secret as the API has it; a value that was not printed has a stand-in. */
function readable(object: unknown): unknown {
  const { kind, data } = recordOf(object)
  if (kind !== 'Secret' || data === undefined) return object
  const place = placeOfObject(object)
  const values = Object.entries(recordOf(data)).map(([key, value]) => [
    key,
    valueOf(String(value), `${place} ${key}`)
  ])
  return { ...recordOf(object), data: Object.fromEntries(values) as unknown }
}

function valueOf(marked: string, place: string): string {
  const rest = marked.slice(1)
  if (marked.startsWith(MARK.base64)) return rest
  if (marked.startsWith(MARK.text)) return Buffer.from(rest).toString('base64')
  return marked === MARK.empty ? '' : Buffer.from(standIn(place)).toString('base64')
}
