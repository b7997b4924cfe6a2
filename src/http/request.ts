/**
 * One JSON request over https, with a timeout, a bounded body, a bearer token for this host only, and no redirects
 * (a redirect would take the token to another host). Every client except the SDKs goes through here.
 */
import type * as z from 'zod/mini'
import type { Finding } from '../core/finding.ts'
import type { Clocks } from './clocks.ts'
import { retry, type RetryPolicy } from './retry.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable, type ServiceName } from './errors.ts'

/** How messages name a request. */
export interface RequestName {
  readonly service: ServiceName
  readonly method: string
  readonly url: string
}

/** A token, and the only hosts that it may be sent to. */
export interface Bearer {
  /** Called for each attempt, so that an expired token is refreshed. */
  readonly token: () => Promise<string>
  readonly mayGoTo: (url: URL) => boolean
}

/** When requests of one identity may be sent (`pace.ts`). */
export interface Pace {
  turn<T>(policy: RetryPolicy, work: () => Promise<T>): Promise<T>
  hear(headers: Pick<Headers, 'get'>): void
}

export interface Request extends RequestName {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly bearer?: Bearer
  /** That of the identity behind the bearer. */
  readonly pace?: Pace
  /** Sent as JSON; URLSearchParams as a form, a Blob as it is. */
  readonly body?: unknown
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  /** undefined when the body is empty or not JSON. */
  readonly json: unknown
  readonly text: string
}

/** The settings that all requests of a run share. */
export interface Wire {
  readonly policy: RetryPolicy
  readonly debug: (text: string) => void
  /** Reports a finding that does not stop the run. */
  readonly warn: (finding: Finding) => void
  /** For one request, in ms. */
  readonly timeout: number
  /** For clients with their own HTTP stack; `fetch` uses the proxy by itself. */
  readonly proxyFor: (url: string) => string | undefined
  /** Takes what closes connections that no later request of the run needs; absent: the process ends with the run. */
  readonly atEnd?: (close: () => Promise<void>) => void
  /** Hears the time of every answer. */
  readonly clocks?: Clocks
}

/** One answer, in bytes. */
export const LARGEST_BODY = 16 * 1024 * 1024
/** A longer list probably never ends. */
export const MOST_PAGES = 500
/** All pages of one list, in bytes. */
export const LARGEST_LIST = 256 * 1024 * 1024
/** In characters: a page token becomes part of a URL. */
export const LONGEST_PAGE_TOKEN = 8 * 1024
/** Requests uncompressed bodies, so that no answer grows after its size was checked (a gzip bomb grows a thousandfold). */
export const PLAIN_BODY = { 'accept-encoding': 'identity' } as const

/**
 * Sends a request; retries transient failures.
 *
 * @param refusal makes the error for an answer that is not 2xx; the default reads ARM's and Azure DevOps' error shapes.
 * @throws {HttpProblem} for an answer that is not 2xx. @throws {Unreachable} when there is no answer.
 */
export function send(wire: Wire, request: Request, refusal: typeof refused = refused): Promise<Reply> {
  const { pace } = request
  const once = (): Promise<Reply> => sendOnce(wire, request, refusal)
  return retry(wire.policy, () => (pace ? pace.turn(wire.policy, once) : once()))
}

/** Parses the body with `schema`. @throws {UnexpectedReply} when it does not match. */
export function understood<T>(schema: z.ZodMiniType<T>, reply: Pick<Reply, 'json'>, request: RequestName): T {
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

export function nameOf({ method, url }: Omit<RequestName, 'service'>): string {
  return `${method} ${new URL(url).pathname}`
}

/** Sends a request, once; else as `send`, which also waits for its turn. */
export async function sendOnce(
  wire: Wire,
  request: Request,
  refusal: typeof refused = refused
): Promise<Reply> {
  const { status, headers, body: text } = await exchange(wire, request, boundedText)
  const reply: Reply = { status, headers, json: jsonOf(text), text }
  if (status >= 200 && status < 300 && !isSignInPage(reply)) return reply
  throw refusal(request, reply)
}

/**
 * Sends a request, once, whatever the status of the answer.
 *
 * @param read what is needed of the body, within bounds
 * @throws {Unreachable} when there is no answer. @throws {UnexpectedReply} for a compressed one
 */
export async function exchange<Body>(
  wire: Wire,
  request: Request,
  read: (response: Response) => Promise<Body>
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Body }> {
  const { host } = assertDestination(request)
  const token = await request.bearer?.token()
  const { body } = request
  const raw = body instanceof URLSearchParams || body instanceof Blob
  const started = performance.now()
  const asked = Date.now()
  try {
    const response = await fetch(request.url, {
      method: request.method,
      redirect: 'manual',
      signal: timeLimit(wire),
      headers: {
        accept: 'application/json',
        ...PLAIN_BODY,
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` })
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) })
    })
    request.pace?.hear(response.headers)
    wire.clocks?.hear(request.service, response.headers.get('date'), asked)
    const { status, headers } = response
    const answer = { status, headers, body: await read(response) }
    const ms = Math.round(performance.now() - started)
    wire.debug(`${nameOf(request)} on ${host}: ${status} in ${ms} ms`)
    return answer
  } catch (error) {
    if (error instanceof Packed) throw new UnexpectedReply(request.service, nameOf(request), error.message)
    wire.debug(`${nameOf(request)} on ${host}: no answer after ${Math.round(performance.now() - started)} ms`)
    throw new Unreachable(request.service, nameOf(request), host, error)
  }
}

/**
 * The final check before a request is sent, wherever its URL came from.
 *
 * @throws {UnexpectedReply} when it would be sent unencrypted, or would send the token to a host that must not get it.
 */
function assertDestination({ service, method, url, bearer }: Request): URL {
  const destination = new URL(url)
  const isPlain = destination.protocol !== 'https:'
  const hasUser = destination.username !== '' || destination.password !== ''
  if (!isPlain && !hasUser && (bearer?.mayGoTo(destination) ?? true)) return destination
  const why = isPlain ? 'unencrypted' : 'to a host that must not get it'
  throw new UnexpectedReply(
    service,
    `${method} …`,
    `this request would have sent a token ${why} (${destination.host})`
  )
}

/** Aborts a request when its own timeout or the deadline of the run passes, or when the run is cancelled. */
export function timeLimit({ policy, timeout }: Wire): AbortSignal {
  const left = Math.max(1_000, policy.deadline - Date.now())
  return AbortSignal.any([AbortSignal.timeout(Math.min(timeout, left)), policy.signal])
}

/** Azure DevOps answers 203 with a sign-in page where others answer 401. */
function isSignInPage({ status, headers }: Reply): boolean {
  return status === 203 || (headers.get('content-type')?.startsWith('text/html') ?? false)
}

/** A compressed answer, although the request did not accept one. */
export class Packed extends Error {
  override readonly name = 'Packed'
  constructor(encoding: string) {
    super(`a body in the encoding ${safe(encoding, 40)}, which was not asked for`)
  }
}

/** @throws {Packed} for a compressed body. */
export function assertPlain(encoding: string | null | undefined): void {
  const named = encoding?.trim().toLowerCase() ?? ''
  if (named !== '' && named !== 'identity') throw new Packed(named)
}

/** @throws when the body is larger than any answer of these services should be. @throws {Packed} */
export async function boundedText(response: Response): Promise<string> {
  const bytes = await beginOf(response, LARGEST_BODY + 1)
  if (bytes.length > LARGEST_BODY) throw new Error(`the answer is larger than ${LARGEST_BODY} bytes`)
  return bytes.toString('utf8')
}

/** The body up to the chunk in which it has `most` bytes; what follows is not loaded. @throws {Packed} */
export async function beginOf(response: Response, most: number): Promise<Buffer> {
  if (!response.body) return Buffer.alloc(0)
  assertPlain(response.headers.get('content-encoding'))
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= most) break
  }
  return Buffer.concat(chunks)
}

/** undefined when it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

/** Azure DevOps often says the reason only in an inner exception; deeper ones repeat it. */
const DEEPEST = 4

function withInner(message: string, outer: Readonly<Record<string, unknown>>): string {
  const said = [message]
  let inner = recordOf(outer['innerException'])
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const { message: text, innerException } = inner
    if (typeof text === 'string' && !said.includes(text)) said.push(text)
    inner = recordOf(innerException)
  }
  return said.join(' ')
}

/** Makes the error from `{error: {code, message}}` (ARM), `{code, message}` (AKS) or `{typeKey, message}` (Azure DevOps). */
export function refused(request: Request, reply: Reply): HttpProblem {
  const outer = recordOf(reply.json)
  const inner = recordOf(outer['error'])
  const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const signIn = isSignInPage(reply) || (reply.status >= 300 && reply.status < 400)
  return new HttpProblem({
    service: request.service,
    request: nameOf(request),
    status: signIn ? 401 : reply.status,
    code: textOf(inner['code']) ?? textOf(outer['code']) ?? textOf(outer['typeKey']),
    detail: signIn
      ? (/\b(?:VS|TF)\d{5,7}\b[^<]{0,300}/.exec(reply.text)?.[0] ??
        'the service sent a sign-in page instead of an answer, so it did not accept the token')
      : withInner(
          textOf(inner['message']) ??
            textOf(outer['message']) ??
            textOf(outer['error_description']) ??
            reply.text,
          outer
        ),
    retryAfter: retryAfterOf(reply.headers.get('retry-after'))
  })
}

/** Parses `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3), to ms; undefined when it is invalid or not positive. */
export function retryAfterOf(header: unknown, now = Date.now()): number | undefined {
  const text = typeof header === 'string' ? header.slice(0, 64).trim() : ''
  const dated = /^[A-Za-z]{3,9},/.test(text) ? Date.parse(text) - now : NaN
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : dated
  return ms > 0 ? ms : undefined
}

/** Turns a 404 into undefined. */
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
