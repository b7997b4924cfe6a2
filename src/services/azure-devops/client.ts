/**
 * One Azure DevOps organization over REST, api-version 7.1 (MicrosoftDocs/vsts-rest-api-specs). Three hosts: core,
 * graph, entitlements. `azure-devops-node-api` has no client for graph, entitlements or access control lists, sends two
 * more requests per area, and follows redirects with the bearer; so this file uses `fetch` (docs/decisions).
 */
import * as z from 'zod/mini'
import { Reads, type SharedReads } from './reads.ts'
import { areaShape, isDescriptor, list } from './shapes.ts'
import type { Endpoints } from '../endpoints.ts'
import { withoutTrailing } from '../../core/text.ts'
import { understoodEntries } from '../../http/list-entries.ts'
import { assertTimeLeft } from '../../http/retry.ts'
import {
  LARGEST_LIST,
  LONGEST_PAGE_TOKEN,
  MOST_PAGES,
  nameOf,
  send,
  understood,
  type Bearer,
  type Pace,
  type Reply,
  type Request,
  type Wire
} from '../../http/request.ts'
import { safe, UnexpectedReply, Unreachable, type HttpProblem } from '../../http/errors.ts'

const AREA_GRAPH = 'bb1e7ec9-e901-4b68-999a-de7012b920f8'
const AREA_ENTITLEMENTS = '68ddce18-2501-45f1-a17b-7931a9922690'

/** The organization's URLs on the other hosts. */
interface Places {
  readonly graph: string
  readonly entitlements: string
}

export class Organization {
  readonly name: string
  readonly #endpoints: Endpoints
  readonly #bearer: Bearer
  readonly #wire: Wire
  readonly #pace: Pace | undefined
  readonly reads: Reads
  /** @param shared `pace`: that of the login, in all organizations; `reads`: those of other runs as this login */
  constructor(
    name: string,
    endpoints: Endpoints,
    token: () => Promise<string>,
    wire: Wire,
    shared: { readonly pace?: Pace; readonly reads?: SharedReads } = {}
  ) {
    this.name = name
    this.reads = new Reads(shared.reads)
    this.#endpoints = endpoints
    this.#bearer = { token, mayGoTo: (url) => this.#mayHaveToken(url) }
    this.#wire = wire
    this.#pace = shared.pace
  }

  /** The organization's URL on the core host. */
  get url(): string {
    return `${this.#endpoints.devops}/${this.name}`
  }

  get(url: string): Request {
    return {
      service: 'Azure DevOps',
      method: 'GET',
      url,
      // Without it, the service answers a bad token with a redirect to a sign-in page instead of a 401.
      headers: { 'x-tfs-fedauthredirect': 'Suppress' },
      bearer: this.#bearer,
      ...(this.#pace && { pace: this.#pace })
    }
  }

  /** @param refusal turns an unsuccessful answer into an error; absent: the usual error */
  send(request: Request, refusal?: (request: Request, reply: Reply) => HttpProblem): Promise<Reply> {
    return send(this.#wire, request, refusal)
  }

  /**
   * Pages may be empty although more follow: only a missing token ends the list. Entries that do not match `item` are
   * skipped with a note.
   */
  async pages<T>(url: string, item: z.ZodMiniType<T>): Promise<T[]> {
    const found: T[] = []
    let [pages, size] = [1, 0]
    for (let token: string | null | undefined; token !== null; pages += 1) {
      const next = new URL(url)
      next.searchParams.set('api-version', '7.1-preview.1')
      if (token !== undefined) next.searchParams.set('continuationToken', token)
      const request = this.get(next.href)
      assertTimeLeft(this.#wire.policy, () => outOfTime(request))
      const reply = await this.send(request)
      const { value } = understood(list(z.unknown()), reply, request)
      for (const one of understoodEntries(item, value, request, this.#wire.warn)) found.push(one)
      const following = reply.headers.get('x-ms-continuationtoken')
      token = following === '' || following === token ? null : following
      size += reply.text.length
      if (pages >= MOST_PAGES || size > LARGEST_LIST || (token ?? '').length > LONGEST_PAGE_TOKEN)
        throw new UnexpectedReply('Azure DevOps', nameOf(request), 'the list does not end')
    }
    return found
  }

  places(): Promise<Places> {
    return this.reads.once('places', () => this.#discover())
  }

  async #discover(): Promise<Places> {
    const known = this.#endpoints.devopsHosts
    if (known) {
      return {
        graph: `${known.graph}/${this.name}`,
        entitlements: `${known.entitlements}/${this.name}`
      }
    }
    const request = this.get(`${this.url}/_apis/resourceAreas?api-version=7.1-preview.1`)
    const { value } = understood(list(z.unknown()), await this.send(request), request)
    const areas = understoodEntries(areaShape, value, request, this.#wire.warn)
    const place = (area: string): string => {
      const told = areas.find(({ id }) => id.toLowerCase() === area)?.locationUrl
      const location = told === undefined ? undefined : withoutTrailing(told, '/')
      const url = location === undefined ? null : URL.parse(location)
      const plain = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === ''
      if (location === undefined || !plain || !this.#mayHaveToken(url)) {
        throw new UnexpectedReply('Azure DevOps', nameOf(request), `no usable location for area ${area}`)
      }
      const named = url.pathname.toLowerCase().endsWith(`/${this.name.toLowerCase()}`)
      return named ? location : `${location}/${this.name}`
    }
    return { graph: place(AREA_GRAPH), entitlements: place(AREA_ENTITLEMENTS) }
  }

  /** The bearer goes only to the configured host and to Azure DevOps' own hosts, whatever an answer contains. */
  #mayHaveToken({ protocol, hostname, port }: URL): boolean {
    const { hostname: own } = new URL(this.#endpoints.devops)
    const azures = /(?:^|\.)(?:dev\.azure|visualstudio)\.com$/.test(hostname) && port === ''
    // Behind one proxy or in the sandbox, services may differ only in their ports.
    const overridden = this.#endpoints.devopsHosts === undefined && hostname === own
    return protocol === 'https:' && (azures || overridden)
  }
}

export function assertDescriptor(text: string, request: string): void {
  if (!isDescriptor(text))
    throw new UnexpectedReply('Azure DevOps', request, `a descriptor that is none: ${safe(text, 60)}`)
}

function outOfTime(request: Request): Unreachable {
  return new Unreachable('Azure DevOps', nameOf(request), new URL(request.url).host, new Error('out of time'))
}
