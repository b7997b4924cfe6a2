/**
 * Shared by all calls of Azure Resource Manager: api-version, pages, long operations. Links to pages and operations are
 * followed only on ARM's own host, because these requests contain the bearer.
 */
import * as z from 'zod/mini'
import type { Endpoints } from '../endpoints.ts'
import {
  LARGEST_LIST,
  MOST_PAGES,
  nameOf,
  recordOf,
  retryAfterOf,
  send,
  understood,
  type Bearer,
  type Reply,
  type Request,
  type Wire
} from '../../http/request.ts'
import { understoodEntries } from '../../http/list-entries.ts'
import { assertTimeLeft, wait } from '../../http/retry.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable } from '../../http/errors.ts'
import { refusedByArm } from './refusal.ts'

/** Polling interval of a long operation when the service names none, in ms. */
const POLL = 2_000
const LEAST_POLL = 250
/** Between two looks for the result of a command, which takes seconds, in ms. */
const SLOWEST_RESULT = 3_000
/** The longest interval, whatever the answer requests, in ms. */
const SLOWEST_POLL = 60_000

const pageShape = z.looseObject({ value: z.array(z.unknown()), nextLink: z.nullish(z.string()) })
const resourceShape = z.looseObject({
  properties: z.looseObject({ provisioningState: z.optional(z.string()) })
})
const statusShape = z.looseObject({ status: z.string(), error: z.nullish(z.unknown()) })

export class ArmWire {
  readonly #endpoints: Endpoints
  readonly #wire: Wire
  readonly #bearer: Bearer
  constructor(endpoints: Endpoints, token: () => Promise<string>, wire: Wire) {
    const { origin } = new URL(endpoints.arm)
    this.#endpoints = endpoints
    this.#bearer = { token, mayGoTo: (url) => url.origin === origin }
    this.#wire = wire
  }

  /**
   * @param path of a resource; it may contain ids from answers
   * @param more additional query, starting with &
   * @throws {UnexpectedReply} for a path that would lead to another host or another resource.
   */
  request(method: Request['method'], path: string, api: string, more = ''): Request {
    return {
      service: 'ARM',
      method,
      url: `${this.#endpoints.arm}${assertPath(path)}?api-version=${api}${more}`,
      bearer: this.#bearer
    }
  }

  send(request: Request): Promise<Reply> {
    return send(this.#wire, request, refusedByArm)
  }

  /** Reads all pages; entries that do not match `item` are skipped with a note. */
  async list<T>(path: string, api: string, item: z.ZodMiniType<T>, more = ''): Promise<T[]> {
    const found: T[] = []
    let size = 0
    let request: Request | undefined = this.request('GET', path, api, more)
    for (let pages = 1; request; pages += 1) {
      assertTimeLeft(this.#wire.policy, () => this.#late(`GET ${path}`))
      const reply: Reply = await this.send(request)
      const { value, nextLink }: z.infer<typeof pageShape> = understood(pageShape, reply, request)
      for (const one of understoodEntries(item, value, request, this.#wire.warn)) found.push(one)
      size += reply.text.length
      if (pages >= MOST_PAGES || size > LARGEST_LIST)
        throw new UnexpectedReply('ARM', `GET ${path}`, 'the list does not end')
      request = typeof nextLink !== 'string' ? undefined : { ...request, url: this.#onOwnHost(nextLink) }
    }
    return found
  }

  #onOwnHost(link: string): string {
    // Some providers return http links that are meant as https.
    const url = link.replace(/^http:/i, 'https:')
    const { origin, username, password } = URL.parse(url) ?? {}
    if (origin === new URL(this.#endpoints.arm).origin && `${username ?? ''}${password ?? ''}` === '')
      return url
    throw new UnexpectedReply('ARM', 'a link of its own', `the link leads to another host: ${safe(url, 120)}`)
  }

  /**
   * Sends the request and waits for the end of the long operation, if the answer names one. A login with permissions
   * only on the resource can start an operation that it may not read (learn.microsoft.com, Track asynchronous Azure
   * operations): then the resource itself is read.
   *
   * @throws {HttpProblem} with the operation's own code when it fails.
   */
  async finished(request: Request): Promise<void> {
    const reply = await this.send(request)
    const link = reply.headers.get('azure-asyncoperation')
    if (link === null) return
    const { service, url, bearer } = request
    const own: Request = { service, method: 'GET', url, ...(bearer ? { bearer } : {}) }
    let poll: Request = { ...own, url: this.#onOwnHost(link) }
    for (let last = reply; ;) {
      await this.#pause(last)
      const { status, error } = await this.send(poll).then(
        (answer) => {
          last = answer
          return poll.url === own.url ? stateIn(answer, own) : understood(statusShape, answer, poll)
        },
        (failure: unknown) => {
          if (!(failure instanceof HttpProblem) || failure.status !== 403 || poll.url === own.url)
            throw failure
          this.#wire.policy.report(`${failure.detail} The state of the resource itself is read instead.`)
          poll = own
          return { status: 'Unread', error: undefined }
        }
      )
      if (status === 'Succeeded') return
      if (status === 'Failed' || status === 'Canceled') throw unsuccessful(request, status, error)
    }
  }

  /**
   * Sends the request and waits for its result, which is at the `Location` of the answer once it is there.
   *
   * @param longest how long to wait for it, in ms. @returns undefined when it was not there in that time
   */
  async located(request: Request, longest: number): Promise<Reply | undefined> {
    const { service, bearer } = request
    const deadline = Math.min(this.#wire.policy.deadline, Date.now() + longest)
    let last = await this.send(request)
    let link: string | undefined
    for (let pace = LEAST_POLL; last.status === 202; pace = Math.min(SLOWEST_RESULT, pace * 1.5)) {
      const asked = retryAfterOf(last.headers.get('retry-after')) ?? pace
      const due = Math.min(SLOWEST_POLL, Math.max(LEAST_POLL, asked))
      if (deadline - Date.now() <= due) return undefined
      await wait(this.#wire.policy, due)
      // While there is no result, an answer need not name its place again.
      link = last.headers.get('location') ?? link
      if (link === undefined) throw new UnexpectedReply('ARM', nameOf(request), 'no location of the result')
      const url = this.#onOwnHost(link)
      last = await this.send({ service, method: 'GET', url, ...(bearer ? { bearer } : {}) })
    }
    return last
  }

  /** @param last the answer, which may request a polling interval */
  async #pause(last: Reply): Promise<void> {
    const asked = retryAfterOf(last.headers.get('retry-after')) ?? POLL
    const pace = Math.min(SLOWEST_POLL, Math.max(LEAST_POLL, asked))
    if (this.#wire.policy.deadline - Date.now() <= pace) throw this.#late('the long operation')
    this.#wire.policy.report('Waiting for the operation of Azure to end.')
    await wait(this.#wire.policy, pace)
  }

  #late(request: string): Unreachable {
    return new Unreachable('ARM', request, new URL(this.#endpoints.arm).host, new Error('out of time'))
  }
}

function stateIn(reply: Reply, request: Request): { status: string; error?: unknown } {
  const { provisioningState: status = '' } = understood(resourceShape, reply, request).properties
  return { status }
}

function unsuccessful(request: Request, status: string, error: unknown): HttpProblem {
  const { code, message } = recordOf(error)
  return new HttpProblem({
    service: 'ARM',
    request: `${request.method} ${new URL(request.url).pathname}`,
    status: 400,
    code: typeof code === 'string' ? safe(code) : status,
    detail: typeof message === 'string' ? message : 'the operation did not succeed'
  })
}

/** Segments of characters that names in Azure may have, without any that have a meaning in a URL. */
const PATH = /^(?:\/[\p{L}\p{N}_().-]+)+$/u

function assertPath(path: string): string {
  const dots = path.split('/').some((segment) => /^\.+$/.test(segment))
  if (PATH.test(path) && !dots) return path
  throw new UnexpectedReply('ARM', 'a request', `an id that is none: ${safe(path, 120)}`)
}
