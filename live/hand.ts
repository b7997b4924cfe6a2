/**
 * What a person could do from outside, with the rights of the login and nothing else: the suite shows the tokens that the
 * bundle got. Its requests go through the recorder, too.
 */
import { Agent, request as requestHttps } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import type { Recorder } from './recorder.ts'
import type { Settings } from './settings.ts'

export interface Told {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** undefined when it is not JSON. */
  readonly json: unknown
}

interface Ask {
  readonly body?: unknown
  readonly type?: string
  /** Asked without a token. */
  readonly anonymous?: true
}

/** ms. */
const TIMEOUT = 60_000
const GRAPH = 'bb1e7ec9-e901-4b68-999a-de7012b920f8'
const ENTITLEMENTS = '68ddce18-2501-45f1-a17b-7931a9922690'

export class Hand {
  readonly settings: Settings
  readonly #recorder: Recorder
  readonly #agent: Agent
  #areas: Promise<Record<'graph' | 'entitlements', string>> | undefined
  constructor(settings: Settings, recorder: Recorder) {
    this.settings = settings
    this.#recorder = recorder
    this.#agent = new Agent({ proxyEnv: { HTTPS_PROXY: recorder.proxyFor('suite') }, ca: recorder.ca })
  }

  close(): void {
    this.#agent.destroy()
  }

  /** @param path below the ARM endpoint, with its api-version */
  arm(method: string, path: string, body?: unknown): Promise<Told> {
    return this.ask(method, `${this.settings.endpoints.arm}${path}`, { body })
  }

  /** @param path below the organization */
  devops(method: string, path: string, body?: unknown): Promise<Told> {
    return this.ask(method, `${this.#organization}/${path}`, { body })
  }

  async graph(method: string, path: string): Promise<Told> {
    const { graph } = await (this.#areas ??= this.#findAreas())
    return this.ask(method, `${graph}/_apis/graph/${path}`)
  }

  /** @param patch a JSON patch; a plain body otherwise */
  async entitlements(method: string, path: string, body?: unknown): Promise<Told> {
    const { entitlements } = await (this.#areas ??= this.#findAreas())
    const url = `${entitlements}/_apis/serviceprincipalentitlements${path}?api-version=7.1-preview.1`
    return this.ask(method, url, {
      body,
      ...(Array.isArray(body) ? { type: 'application/json-patch+json' } : {})
    })
  }

  /** @param path of the cluster's API; a PATCH is a merge patch */
  kubernetes(method: string, path: string, body?: unknown): Promise<Told> {
    const [server] = this.#recorder.apiServers.values()
    if (!server) throw new Error('the bundle has not asked for the cluster yet')
    const merge = method === 'PATCH' ? { type: 'application/merge-patch+json' } : {}
    return this.ask(method, `${server.url}${path}`, { body, ...merge })
  }

  ask(method: string, url: string, { body, type = 'application/json', anonymous }: Ask = {}): Promise<Told> {
    const bearer = anonymous ? undefined : this.#bearerFor(new URL(url).host)
    const sent = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const request = requestHttps(
        url,
        {
          method,
          agent: this.#agent,
          timeout: TIMEOUT,
          headers: {
            accept: 'application/json',
            ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
            ...(sent === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(sent) })
          }
        },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject)
          answer.once('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            const { statusCode: status = 0, headers } = answer
            resolve({ status, headers, text, json: jsonOf(text) })
          })
        }
      )
      request.once('error', reject).once('timeout', () => request.destroy(new Error(`no answer from ${url}`)))
      request.end(sent)
    })
  }

  get #organization(): string {
    return `${this.settings.endpoints.devops}/${encodeURIComponent(this.settings.organization)}`
  }

  /** Azure DevOps takes one token at all its hosts; a cluster with certificates needs none. */
  #bearerFor(host: string): string | undefined {
    const { bearers, apiServers } = this.#recorder
    const own = bearers.get(host)
    if (own !== undefined || apiServers.has(host)) return own
    return bearers.get(new URL(this.settings.endpoints.devops).host)
  }

  async #findAreas(): Promise<Record<'graph' | 'entitlements', string>> {
    const { json } = await this.devops('GET', '_apis/resourceAreas?api-version=7.1-preview.1')
    const { value } = json as { value: { id: string; locationUrl: string }[] }
    const at = (area: string): string => {
      const url = value.find(({ id }) => id.toLowerCase() === area)?.locationUrl
      if (url === undefined) throw new Error(`the organization has no resource area ${area}`)
      return url.replace(/\/$/, '')
    }
    return { graph: at(GRAPH), entitlements: at(ENTITLEMENTS) }
  }
}

/** @throws {Error} with what was answered, unless the status is one of these */
export function expectStatus(told: Told, ...statuses: readonly number[]): Told {
  if (statuses.includes(told.status)) return told
  throw new Error(`expected ${statuses.join(' or ')}, found ${told.status}: ${told.text.slice(0, 500)}`)
}

function jsonOf(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}
