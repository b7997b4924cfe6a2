/**
 * A proxy on loopback that reads along: it ends TLS with certificates of its own authority, which only the programs that
 * this suite starts trust, and speaks to the real service in their place. Nothing of Patless knows that it is there, and
 * nothing is changed but the authority in the kubeconfig that ARM gives: that is the recorder's, too.
 */
import { randomUUID } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer, request as requestHttps, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getCACertificates } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import { makeAuthority, type Authority } from './authority.ts'
import { readKubeconfigs, type ApiServer } from './kubeconfigs.ts'

/** Who asked: the bundle, or this suite itself. */
export type By = 'patless' | 'suite'

/** One request and its answer, as they were. Only in memory: what is written goes through redaction.ts. */
export interface Exchange {
  readonly by: By
  readonly host: string
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly requestHeaders: IncomingMessage['headers']
  readonly requestBody: Buffer
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Recorder {
  /** PEM of the authority. */
  readonly ca: string
  /** HTTPS_PROXY of whoever is to be recorded. */
  proxyFor(by: By): string
  readonly exchanges: Exchange[]
  /** The newest bearer that the bundle showed to a host. */
  readonly bearers: ReadonlyMap<string, string>
  /** API servers of Kubernetes, by host, as ARM's kubeconfigs name them. */
  readonly apiServers: ReadonlyMap<string, ApiServer>
  close(): Promise<void>
}

/** Of a body, in bytes: of what is longer, the rest is passed on and not kept. */
const MOST = 4 * 1024 * 1024

/** @param trusted PEM of authorities beside those that Node has */
export async function startRecorder(trusted: string): Promise<Recorder> {
  const authority = await makeAuthority()
  const recording = new Recording(authority, [...getCACertificates('default'), trusted])
  const secret = randomUUID()
  const server = createHttpServer((_request, response) => {
    response.writeHead(400).end('only https is recorded')
  })
  const sockets = new Set<Duplex>()
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket))
    const by = callerOf(request.headers['proxy-authorization'], secret)
    if (by === undefined) {
      socket.end(`HTTP/1.1 407 Proxy Authentication Required\r\n${ASK}\r\n\r\n`)
      return
    }
    recording
      .serverFor(by, request.url ?? '')
      .then((inner) => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        inner.emit('connection', socket)
      })
      .catch(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    ca: authority.ca,
    proxyFor: (by) => `http://${by}:${secret}@127.0.0.1:${port}`,
    exchanges: recording.exchanges,
    bearers: recording.bearers,
    apiServers: recording.apiServers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        for (const socket of sockets) socket.destroy()
      })
  }
}

/** git asks without the secret first, and comes again on a new connection. */
const ASK = 'proxy-authenticate: Basic realm="recorder"\r\ncontent-length: 0\r\nconnection: close'

/** Others on this machine must not reach the cluster through it: a proxy that shows no secret is asked nothing. */
function callerOf(header: string | undefined, secret: string): By | undefined {
  const [, encoded = ''] = /^Basic (\S+)$/i.exec(header ?? '') ?? []
  const [user, password] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return password === secret && (user === 'patless' || user === 'suite') ? user : undefined
}

class Recording {
  readonly exchanges: Exchange[] = []
  readonly bearers = new Map<string, string>()
  readonly apiServers = new Map<string, ApiServer>()
  readonly #authority: Authority
  readonly #trusted: readonly string[]
  readonly #servers = new Map<string, Promise<Server>>()
  constructor(authority: Authority, trusted: readonly string[]) {
    this.#authority = authority
    this.#trusted = trusted
  }

  /** The end of a tunnel to this `host:port`. */
  serverFor(by: By, target: string): Promise<Server> {
    const key = `${by} ${target}`
    const known = this.#servers.get(key)
    if (known) return known
    const { hostname, port } = new URL(`https://${target}`)
    const made = this.#authority.certificateFor(hostname).then((certificate) =>
      createHttpsServer(certificate, (request, response) => {
        this.#pass({ by, hostname, port: Number(port === '' ? 443 : port) }, request, response)
      })
    )
    this.#servers.set(key, made)
    return made
  }

  #pass(
    { by, hostname, port }: { readonly by: By; readonly hostname: string; readonly port: number },
    request: IncomingMessage,
    response: ServerResponse
  ): void {
    const host = port === 443 ? hostname : `${hostname}:${port}`
    const { method = 'GET', url = '/' } = request
    const headers = withoutHops(request.rawHeaders)
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (bearer !== undefined && by === 'patless') this.bearers.set(host, bearer)
    const sent = kept(request)
    const { ca, cert, key } = this.apiServers.get(host) ?? {}
    const outgoing = requestHttps(
      {
        // Node would ask for localhost by IPv6 first.
        host: hostname === 'localhost' ? '127.0.0.1' : hostname,
        servername: hostname,
        port,
        method,
        path: url,
        // Read as it is: no packed bodies.
        headers: [...headers, 'accept-encoding', 'identity'],
        agent: false,
        ca: [...this.#trusted, ...(ca === undefined ? [] : [ca])],
        ...(cert === undefined || key === undefined ? {} : { cert, key })
      },
      (answer) => {
        const { statusCode: status = 502, headers: answered } = answer
        const given = kept(answer)
        answer.once('error', () => request.socket.destroy())
        const note = (body: Buffer): void => {
          const { headers: requestHeaders } = request
          const known = { by, host, method, path: url, requestHeaders, requestBody: sent() }
          this.exchanges.push({ ...known, status, headers: answered, body })
        }
        if (!/\/listCluster\w+Credential(?:\?|$)/i.test(url)) {
          response.writeHead(status, withoutHops(answer.rawHeaders))
          answer.pipe(response)
          answer.once('end', () => {
            note(given())
          })
          return
        }
        answer.once('end', () => {
          note(given())
          const body = this.#ofOurAuthority(given())
          response.writeHead(status, withoutHops(answer.rawHeaders, HOP_OR_LENGTH))
          response.end(body)
        })
      }
    )
    outgoing.on('error', () => {
      request.socket.destroy()
    })
    // Who hangs up gets no answer, and needs none.
    response.once('close', () => outgoing.destroy())
    request.pipe(outgoing)
  }

  /** Whoever trusts the kubeconfig's authority must trust the recorder's; the recorder trusts the other one. */
  #ofOurAuthority(body: Buffer): Buffer {
    const { rewritten, servers } = readKubeconfigs(body, this.#authority.ca)
    for (const [host, server] of servers) this.apiServers.set(host, server)
    return rewritten
  }
}

function kept(message: IncomingMessage): () => Buffer {
  const chunks: Buffer[] = []
  let size = 0
  message.on('data', (chunk: Buffer) => {
    if (size < MOST) chunks.push(chunk)
    size += chunk.length
  })
  return () => {
    const all = Buffer.concat(chunks)
    return message.headers['content-encoding'] === 'gzip' ? unpacked(all) : all
  }
}

function unpacked(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: MOST })
  } catch {
    return body
  }
}

/** What belongs to one connection. */
const HOP = /^(?:connection|proxy-connection|keep-alive|expect|transfer-encoding|accept-encoding)$/i
const HOP_OR_LENGTH = new RegExp(`${HOP.source}|^content-length$`, 'i')

/** Names and values in turn. */
function withoutHops(raw: readonly string[], own = HOP): string[] {
  return raw.flatMap((name, index) => (index % 2 === 1 || own.test(name) ? [] : [name, raw[index + 1] ?? '']))
}
