/**
 * A container registry over its own protocol, as the repo-server of Argo CD speaks it: a challenge, a token of Entra for a
 * refresh token, and that for a token of one scope (Azure/acr, docs/AAD-OAuth.md; argo-cd util/helm/creds.go;
 * opencontainers/distribution-spec). No token goes anywhere but to the login server.
 */
import * as z from 'zod/mini'
import { Problem } from '../../core/finding.ts'
import { HttpProblem, safe, TOKEN } from '../../http/errors.ts'
import { lastsAfterWrite } from '../../http/first-answers.ts'
import {
  recordOf,
  retryAfterOf,
  send,
  understood,
  type Reply,
  type Request,
  type Wire
} from '../../http/request.ts'
import type { Endpoints } from '../endpoints.ts'

const refreshShape = z.looseObject({ refresh_token: z.string().check(z.regex(TOKEN)) })
const accessShape = z.looseObject({ access_token: z.string().check(z.regex(TOKEN)) })

/** Manifests of charts and of lists of them. */
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json'
].join(', ')
const DIGEST = /^sha256:[0-9a-f]{64}$/

/** What must not be printed. */
type Mask = (secret: string) => void

export class ContainerRegistry {
  readonly #host: string
  readonly #base: string
  readonly #wire: Wire
  readonly #mask: Mask

  /** @param host the login server */
  constructor(host: string, { registries }: Pick<Endpoints, 'registries'>, wire: Wire, mask: Mask) {
    this.#host = host
    this.#base = registries === undefined ? `https://${host}` : `${registries}/${host}`
    this.#wire = wire
    this.#mask = mask
  }

  /**
   * Asks for the challenge, as Argo CD does, which sends its token to the host that the answer names.
   *
   * @throws {Problem} when that is another host, or when there is no challenge
   */
  async assertChallenge(): Promise<void> {
    const request = this.#request('GET', '/v2/')
    const header = await send(this.#wire, request, (one, reply) => {
      throw reply.status === 401 ? new Challenged(reply.headers.get('www-authenticate')) : refused(one, reply)
    }).then(
      () => null,
      (error: unknown) => {
        if (error instanceof Challenged) return error.header
        throw error
      }
    )
    const [, parameters] = /^bearer ([^\n]{1,2000})$/i.exec(header ?? '') ?? []
    const valueOf = (name: string): string | undefined =>
      new RegExp(`(?:^|,)${name}="([^"]*)"`, 'i').exec(parameters ?? '')?.[1]
    const [realm, service] = [valueOf('realm'), valueOf('service')]
    const { protocol, host } = URL.parse(realm ?? '') ?? {}
    if (protocol === 'https:' && host === this.#host && service === this.#host) return
    throw strangeChallenge(this.#host, realm ?? 'no challenge of this kind')
  }

  /** @returns a token that is good for tokens of a scope. @param token of Entra */
  async exchange(token: string, tenantId: string): Promise<string> {
    const request = this.#request('POST', '/oauth2/exchange', {
      grant_type: 'access_token',
      service: this.#host,
      tenant: tenantId,
      access_token: token
    })
    const { refresh_token: made } = understood(refreshShape, await this.#send(request), request)
    this.#mask(made)
    return made
  }

  /** @param scope as in a challenge, e.g. `repository:charts/app:pull` */
  async accessToken(refreshToken: string, scope: string): Promise<string> {
    const request = this.#request('POST', '/oauth2/token', {
      grant_type: 'refresh_token',
      service: this.#host,
      scope,
      refresh_token: refreshToken
    })
    const { access_token: made } = understood(accessShape, await this.#send(request), request)
    this.#mask(made)
    return made
  }

  /** @returns the digest of the manifest; undefined when the registry names none */
  async manifest(path: string, version: string, token: string): Promise<string | undefined> {
    // Tags have no +, so Helm writes _ (helm/helm, pkg/registry).
    const place = `/v2/${path}/manifests/${version.replaceAll('+', '_')}`
    const request = { ...this.#request('HEAD', place), headers: { accept: MANIFESTS } }
    const { headers } = await this.#send(this.#with(request, token))
    const digest = headers.get('docker-content-digest') ?? ''
    return DIGEST.test(digest) ? digest : undefined
  }

  /** Lists one repository at most: whether it may is all that counts. */
  async assertListed(token: string): Promise<void> {
    await this.#send(this.#with(this.#request('GET', '/v2/_catalog?n=1'), token))
  }

  #request(method: Request['method'], path: string, form?: Readonly<Record<string, string>>): Request {
    const url = `${this.#base}${path}`
    return { service: 'Container Registry', method, url, ...(form && { body: new URLSearchParams(form) }) }
  }

  #with(request: Request, token: string): Request {
    const { origin } = new URL(this.#base)
    return {
      ...request,
      bearer: { token: () => Promise.resolve(token), mayGoTo: (url) => url.origin === origin }
    }
  }

  #send(request: Request): Promise<Reply> {
    return send(this.#wire, request, refused)
  }
}

/** The answer that is hoped for. */
class Challenged extends Error {
  override readonly name = 'Challenged'
  readonly header: string | null
  constructor(header: string | null) {
    super('challenged')
    this.header = header
  }
}

/** Codes for answers without a body: a HEAD has none. */
const CODES: Readonly<Record<number, string>> = {
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  404: 'MANIFEST_UNKNOWN'
}

/** `{errors: [{code, message}]}`, as the distribution specification has it. */
function refused(request: Request, reply: Reply): HttpProblem {
  const { errors } = recordOf(reply.json)
  const { code, message } = recordOf(Array.isArray(errors) ? (errors as unknown[])[0] : undefined)
  const moved = reply.status >= 300 && reply.status < 400
  const own = typeof code === 'string' ? code : moved ? undefined : CODES[reply.status]
  const detail =
    typeof message === 'string'
      ? message
      : moved
        ? 'a redirect, which is not followed: it would take the token elsewhere'
        : reply.text
  return new HttpProblem({
    service: request.service,
    request: `${request.method} ${new URL(request.url).pathname}`,
    status: reply.status,
    code: own,
    detail,
    retryAfter: retryAfterOf(reply.headers.get('retry-after')),
    propagating:
      reply.status === 401 || reply.status === 403
        ? lastsAfterWrite('Container Registry', `${own ?? ''} ${detail}`)
        : false
  })
}

function strangeChallenge(host: string, realm: string): Problem {
  return new Problem({
    id: 'registry/strange-challenge',
    summary: `${host} does not answer as a container registry of Azure does: Argo CD would send its token to the address that it names.`,
    expected: `https://${host}/oauth2/token`,
    actual: safe(realm, 200),
    remedy: `find out who answers as ${host} (a proxy, a name server); nothing was sent to it`
  })
}
