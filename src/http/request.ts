/**
 * One JSON request over https: with a timeout, a bounded body, the bearer for this host only, and no redirects
 * (a redirect would carry the bearer to another host). Every client but the SDKs' own goes through here.
 */
import type * as z from 'zod/mini'
import type { Finding } from '../core/finding.ts'
import { retry, type RetryPolicy } from './retry.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable, type ServiceName } from './errors.ts'

/** What messages call a request by. */
export interface Asked {
  readonly service: ServiceName
  readonly method: string
  readonly url: string
}

/** A token, and the only places that it may be sent to. */
export interface Bearer {
  /** Asked for anew at each try; it may refresh. */
  readonly token: () => Promise<string>
  readonly mayGoTo: (url: URL) => boolean
}

export interface Request extends Asked {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly bearer?: Bearer
  /** Sent as JSON, or as a form when it is URLSearchParams. */
  readonly body?: unknown
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  /** undefined when the body is empty or not JSON. */
  readonly json: unknown
  readonly text: string
}

/** What a sender needs around a request. */
export interface Wire {
  readonly policy: RetryPolicy
  readonly debug: (text: string) => void
  /** What the user should know although the run goes on. */
  readonly warn: (finding: Finding) => void
  /** ms one request may take. */
  readonly timeout: number
  /** For clients with an HTTP stack of their own; `fetch` knows by itself. */
  readonly proxyFor: (url: string) => string | undefined
}

/** Of one answer, in bytes. */
export const LARGEST_BODY = 16 * 1024 * 1024
/** A list with more is one that does not end. */
export const MOST_PAGES = 500
/** Of all pages of one list, in bytes. */
export const LARGEST_LIST = 256 * 1024 * 1024
/** Of a page token, in characters: it becomes part of a URL. */
export const LONGEST_PAGE_TOKEN = 8 * 1024
/** What is asked for, so that no answer grows after it was counted (a gzip bomb grows a thousandfold). */
export const PLAIN_BODY = { 'accept-encoding': 'identity' } as const

/**
 * Sends, again when the failure is transient.
 *
 * @param refusal makes the error of an answer that is not 2xx; the default reads ARM's and Azure DevOps' error shapes.
 * @throws {HttpProblem} for an answer that is not 2xx. @throws {Unreachable} for none.
 */
export function send(wire: Wire, request: Request, refusal: typeof refused = refused): Promise<Reply> {
  return retry(wire.policy, () => sendOnce(wire, request, refusal))
}

/** The body as `schema` says. @throws {UnexpectedReply} when it is something else. */
export function understood<T>(schema: z.ZodMiniType<T>, reply: Pick<Reply, 'json'>, request: Asked): T {
  const parsed = schema.safeParse(reply.json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const at = issue?.path.map(String).join('.') ?? ''
  const problem =
    reply.json === undefined
      ? 'no JSON'
      : `${at === '' ? 'the body' : at}: ${issue?.message ?? 'not as documented'}`
  throw new UnexpectedReply(request.service, nameOf(request), safe(problem))
}

export function nameOf({ method, url }: Omit<Asked, 'plane'>): string {
  return `${method} ${new URL(url).pathname}`
}

async function sendOnce(wire: Wire, request: Request, refusal: typeof refused): Promise<Reply> {
  const { host } = assertOwnPlace(request)
  const token = await request.bearer?.token()
  const form = request.body instanceof URLSearchParams
  const started = performance.now()
  let reply: Reply
  try {
    const response = await fetch(request.url, {
      method: request.method,
      redirect: 'manual',
      signal: timeLimit(wire),
      headers: {
        accept: 'application/json',
        ...PLAIN_BODY,
        ...(request.body === undefined || form ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` })
      },
      ...(request.body === undefined
        ? {}
        : { body: request.body instanceof URLSearchParams ? request.body : JSON.stringify(request.body) })
    })
    const text = await boundedText(response)
    reply = { status: response.status, headers: response.headers, json: jsonOf(text), text }
  } catch (error) {
    if (error instanceof Packed) throw new UnexpectedReply(request.service, nameOf(request), error.message)
    wire.debug(`${nameOf(request)} on ${host}: no answer after ${Math.round(performance.now() - started)} ms`)
    throw new Unreachable(request.service, nameOf(request), host, error)
  }
  wire.debug(
    `${nameOf(request)} on ${host}: ${reply.status} in ${Math.round(performance.now() - started)} ms`
  )
  if (reply.status >= 200 && reply.status < 300 && !isSignInPage(reply)) return reply
  throw refusal(request, reply)
}

/**
 * The last look before a request leaves, whatever its URL was made of.
 *
 * @throws {UnexpectedReply} when it would leave in the clear, or take the bearer where it does not belong.
 */
function assertOwnPlace({ service, method, url, bearer }: Request): URL {
  const place = new URL(url)
  const clear = place.protocol !== 'https:'
  const named = place.username !== '' || place.password !== ''
  if (!clear && !named && (bearer?.mayGoTo(place) ?? true)) return place
  const why = clear ? 'in the clear' : 'to a place that it does not belong to'
  throw new UnexpectedReply(
    service,
    `${method} …`,
    `this request would have taken a token ${why} (${place.host})`
  )
}

/** Ends one request: when its time is up, when the run's is, when the run is being stopped. */
export function timeLimit({ policy, timeout }: Wire): AbortSignal {
  const left = Math.max(1_000, policy.deadline - Date.now())
  return AbortSignal.any([AbortSignal.timeout(Math.min(timeout, left)), policy.signal])
}

/** Azure DevOps answers 203 with a page, where others answer 401. */
function isSignInPage({ status, headers }: Reply): boolean {
  return status === 203 || (headers.get('content-type')?.startsWith('text/html') ?? false)
}

/** Nobody asked for an answer that grows on being unpacked. */
export class Packed extends Error {
  override readonly name = 'Packed'
  constructor(encoding: string) {
    super(`a body in the encoding ${safe(encoding, 40)}, which was not asked for`)
  }
}

/** @throws {Packed} for a body that is not sent as it is. */
export function assertPlain(encoding: string | null | undefined): void {
  const named = encoding?.trim().toLowerCase() ?? ''
  if (named !== '' && named !== 'identity') throw new Packed(named)
}

/** @throws when it is larger than any answer of these services. @throws {Packed} */
export async function boundedText(response: Response): Promise<string> {
  if (!response.body) return ''
  assertPlain(response.headers.get('content-encoding'))
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > LARGEST_BODY) throw new Error(`the answer is larger than ${LARGEST_BODY} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** undefined when it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

/** Reads `{error: {code, message}}` (ARM), `{code, message}` (AKS) and `{typeKey, message}` (Azure DevOps). */
export function refused(request: Request, reply: Reply): HttpProblem {
  const outer = recordOf(reply.json)
  const inner = recordOf(outer['error'])
  const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const signIn = isSignInPage(reply) || (reply.status >= 300 && reply.status < 400)
  return new HttpProblem({
    service: request.service,
    request: nameOf(request),
    status: signIn ? 401 : reply.status,
    code: word(inner['code']) ?? word(outer['code']) ?? word(outer['typeKey']),
    detail: signIn
      ? 'a sign-in page instead of an answer: the token was not accepted'
      : (word(inner['message']) ?? word(outer['message']) ?? word(outer['error_description']) ?? reply.text),
    retryAfter: retryAfterOf(reply.headers.get('retry-after'))
  })
}

/** `Retry-After` in ms, from seconds or from a date (RFC 9110, 10.2.3); undefined for anything else, and for no time. */
export function retryAfterOf(header: unknown, now = Date.now()): number | undefined {
  const text = typeof header === 'string' ? header.slice(0, 64).trim() : ''
  const dated = /^[A-Za-z]{3,9},/.test(text) ? Date.parse(text) - now : NaN
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : dated
  return ms > 0 ? ms : undefined
}

/** undefined instead of a 404. */
export async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 404) return undefined
    throw error
  }
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
